// Makes the vectors of the rules about approvals, emergencies, freezes and times: policy.yaml, logs.json
// and decisions.json, beside this file or in the directory given. Run twice, it writes the same bytes.
import { hour, keys, outputOf, t0, world } from "../story.mjs";

// t0 is Tuesday 2030-01-01T00:00:00Z.
const policyOf = (logId) => `version: 1
log: { store: git, branch: optout-log, id: ${logId} }
principals:
  alice: { roles: [oncall], keys: ["${keys.alice.ssh}", "${keys.alice2.ssh}"] }
  bob:   { roles: [release-manager], keys: ["${keys.bob.ssh}"] }
  carol: { roles: [release-manager, oncall], keys: ["${keys.carol.ssh}"] }
  erin:  { roles: [security], keys: ["${keys.erin.ssh}"] }
  ci:    { kind: ci, roles: [oncall, release-manager, security], keys: ["${keys.ci.ssh}"] }
stages:
  lint:        { kind: quality }
  docs:        { kind: quality }
  payments:    { kind: gate }
  deploy-prod: { kind: deploy, environment: production }
  clocks:      { kind: other }
rules:
  - { id: quality, match: { kind: quality }, actions: [skip, allow-failure, force, hold], who: [oncall], longest: 4h }
  - id: payments
    match:   { kind: gate }
    actions: [skip, hold]
    who:     [oncall]
    longest: 2h
    approvals:
      - { count: 2, from: [release-manager], pending: 1h }
      - { count: 1, from: [release-manager], when: { code: [upstream-outage], ticket: true }, pending: 4h }
      - { count: 1, from: [security], when: { code: [hotfix] }, pending: 1h }
  - id: deploys
    match:   { kind: deploy }
    actions: [skip, force, hold]
    who:     [oncall]
    longest: 2h
    approvals: { count: 1, from: [release-manager], pending: 12h }
    emergency: { who: [oncall], longest: 30m, review_within: 1h }
may_revoke: [security]
freezes:
  - { id: year-end, from: "2030-01-01T10:00", until: "2030-01-01T12:00", zone: Europe/Berlin, match: { kind: deploy } }
  - { id: morning, weekly: "tue 06:00 to tue 07:00", match: { kind: quality, branches: main }, except: { stages: docs } }
  - { id: over-the-week, weekly: "sun 22:00 to mon 01:00", match: { stages: docs } }
  - { id: change-of-clocks, weekly: "sun 02:30 to sun 04:00", zone: Europe/Berlin, match: { stages: clocks } }
`;

const { story, write } = world("rules", policyOf);

const skip = { outcome: "skip", exit: 0 };
const none = { outcome: "enforced", exit: 10 };
const held = { outcome: "hold", exit: 11 };
const forced = { outcome: "force", exit: 11 };
/** No override applies; `objections` are the codes by the position of each. */
const no = (objections) => ({ outcome: "enforced", exit: 11, objections });
/** A freeze stops the stage; 10 where there is no override of it at all. */
const frozen = (objections) => ({ outcome: "frozen", exit: objections === undefined ? 10 : 11, objections });

const day = 24 * hour;
const minute = 60;
const outage = { reason: { code: "upstream-outage", text: "the bank answers 500" } };
const hotfix = { reason: { code: "hotfix", text: "payments are lost" } };
const payments = { target: { type: "stage", name: "payments" } };
const payJob = { subject: { stage: "payments" } };
const deploy = {
  target: { type: "stage", name: "deploy-prod" },
  scope: { branches: ["main"], environment: "production" },
};
const deployJob = { subject: { stage: "deploy-prod", environment: "production" } };

// alternatives: the first that is met suffices, and they do not add up
{
  const s = story("alternatives");
  const one = s.created("alice", { ...payments, ...outage });
  s.expect("nobody has approved", { ...no({ [one.seq]: ["approvals"] }), ...payJob });
  s.approved("erin", one, { at: 20 });
  s.expect("one of an alternative that is for another reason", { ...no({ [one.seq]: ["approvals"] }), ...payJob, now: 20 });
  s.approved("bob", one, { at: 30 });
  s.expect("one release manager, for an outage that has a ticket", { ...skip, ...payJob, now: 30 });
}
{
  const s = story("alternatives without the ticket");
  const one = s.created("alice", { ...payments, ...outage, tickets: [] });
  s.approved("bob", one, { at: 20 });
  s.expect("one does not suffice for an outage without a ticket", { ...no({ [one.seq]: ["approvals"] }), ...payJob, now: 20 });
  s.approved("erin", one, { at: 25 });
  s.expect("nor with one of another role: alternatives do not add up", { ...no({ [one.seq]: ["approvals"] }), ...payJob, now: 25 });
  s.approved("carol", one, { at: 30 });
  s.expect("two do", { ...skip, ...payJob, now: 30 });
}
{
  const s = story("alternatives by the code");
  const one = s.created("alice", { ...payments, tickets: ["INC-1"] });
  s.approved("bob", one, { at: 20 });
  s.expect("a ticket alone opens no alternative that wants a code too", { ...no({ [one.seq]: ["approvals"] }), ...payJob, now: 20 });
  const two = s.created("alice", { ...payments, ...hotfix, tickets: [] }, { at: 30 });
  s.approved("erin", two, { at: 40 });
  s.expect("one of security, for a hotfix", { ...skip, objections: { [one.seq]: ["approvals"] }, ...payJob, now: 40 });
  s.denied("bob", two, { at: 50 });
  s.expect("a denial by the role of any alternative counts", { ...no({ [one.seq]: ["approvals"], [two.seq]: ["denied"] }), ...payJob, now: 50 });
}
{
  const s = story("alternatives and the author");
  const one = s.created("carol", { ...payments, ...outage });
  s.approved("carol", one, { at: 20 });
  s.expect("the author's own approval counts for none", { ...no({ [one.seq]: ["approvals"] }), ...payJob, now: 20 });
  s.approved("bob", one, { at: 30 });
  s.approved("bob", one, { at: 40 });
  s.expect("one person who approves twice is one, and one suffices here", { ...skip, ...payJob, now: 40 });
}
{
  const s = story("alternatives wait");
  const one = s.created("alice", { ...payments, tickets: [] });
  s.approved("bob", one, { at: 10 });
  s.approved("carol", one, { at: 4 * hour - 1 });
  s.expect("it waits as long as the most patient of all alternatives", { ...skip, ...payJob, now: 4 * hour - 1 });
}
{
  const s = story("alternatives too late");
  const one = s.created("alice", { ...payments, ...outage });
  s.approved("bob", one, { at: 4 * hour });
  s.expect("the end of the wait is exclusive", { ...no({ [one.seq]: ["approvals-too-late"] }), ...payJob, now: 4 * hour });
}
{
  const s = story("alternatives begin the time");
  const one = s.created("alice", { ...payments, ...hotfix, tickets: [] });
  s.approved("bob", one, { at: 100 });
  s.approved("erin", one, { at: 200 });
  s.approved("carol", one, { at: 300 });
  s.expect("the time begins with the alternative that was met first", { ...skip, ...payJob, now: 200 + hour - 1 });
  s.expect("and another one that is met later does not begin it anew", { ...no({ [one.seq]: ["expired"] }), ...payJob, now: 200 + hour });
}
{
  const s = story("alternatives and holds");
  const one = s.created("alice", { ...payments, action: "hold" });
  s.expect("a hold waits for nobody", { ...held, ...payJob });
  s.denied("erin", one, { at: 20 });
  s.expect("and is lifted by the role of any alternative", { ...no({ [one.seq]: ["denied"] }), ...payJob, now: 20 });
}

// one approval more: what an override demands of itself while a review is overdue
{
  const s = story("extra approvals");
  const one = s.created("alice", { ...deploy, extra_approvals: 1 });
  s.approved("bob", one, { at: 20 });
  s.expect("what the rule asks for is not enough", { ...no({ [one.seq]: ["approvals"] }), ...deployJob, now: 20 });
  s.approved("bob", one, { at: 25 });
  s.expect("nor is the same person twice", { ...no({ [one.seq]: ["approvals"] }), ...deployJob, now: 25 });
  s.approved("carol", one, { at: 30 });
  s.expect("one more is, and the time begins with it", { ...skip, ...deployJob, now: 30 + hour - 1 });
  s.expect("for as long as it says", { ...no({ [one.seq]: ["expired"] }), ...deployJob, now: 30 + hour });
}
{
  const s = story("extra approvals of alternatives");
  const one = s.created("alice", { ...payments, ...outage, extra_approvals: 1 });
  s.approved("bob", one, { at: 20 });
  s.expect("every alternative asks for one more", { ...no({ [one.seq]: ["approvals"] }), ...payJob, now: 20 });
  s.approved("carol", one, { at: 30 });
  s.expect("two where one would have been enough", { ...skip, ...payJob, now: 30 });
}
{
  const s = story("extra approvals and nothing to raise");
  s.created("alice", { extra_approvals: 1 });
  s.expect("where the rule asks for none, none is asked for", skip);
  const two = s.created("alice", { ...deploy, action: "hold", extra_approvals: 1 });
  s.expect("a hold asks for none", { ...held, ...deployJob });
  s.created("alice", { ...deploy, emergency: true, duration: 30 * minute, extra_approvals: 1 });
  s.revoked("alice", two, { at: 5 });
  s.expect("nor does an emergency", { ...skip, objections: { [two.seq]: ["revoked"] }, ...deployJob });
}
{
  const s = story("extra approvals of none");
  s.created("alice", { ...deploy, extra_approvals: 0 });
  s.created("alice", { ...deploy, extra_approvals: 17 });
  s.created("alice", { ...deploy, extra_approvals: -1 });
  s.expect("a number that is none from 1 to 16 is no override", { ...none, ...deployJob });
}

// emergencies
{
  const s = story("emergency");
  const one = s.created("alice", { ...deploy, emergency: true, duration: 30 * minute });
  s.expect("in force at once", { ...skip, ...deployJob, now: 0 });
  s.approved("bob", one, { at: 600 });
  s.expect("an approval changes nothing of its time", { ...skip, ...deployJob, now: 30 * minute - 1 });
  s.expect("which is over when it says", { ...no({ [one.seq]: ["expired"] }), ...deployJob, now: 30 * minute });
}
{
  const s = story("emergency that is too long");
  const one = s.created("alice", { ...deploy, emergency: true, duration: 30 * minute + 1 });
  s.approved("bob", one, { at: 5 });
  s.expect("longer than an emergency may be, though not than the rule allows", { ...no({ [one.seq]: ["too-long"] }), ...deployJob });
}
{
  const s = story("emergency by others");
  const one = s.created("bob", { ...deploy, emergency: true, duration: minute });
  s.expect("by someone whom the rule's emergency does not name", { ...no({ [one.seq]: ["who"] }), ...deployJob });
  const two = s.created("alice", { emergency: true, duration: minute });
  s.expect("where the rule knows none", no({ [two.seq]: ["no-emergency"] }));
}
{
  const s = story("emergency that is ended");
  const one = s.created("alice", { ...deploy, emergency: true, duration: 30 * minute });
  s.denied("erin", one, { at: 5 });
  s.expect("denied by someone who could not approve", { ...skip, ...deployJob });
  s.denied("bob", one, { at: 8 });
  s.expect("denied by someone who could", { ...no({ [one.seq]: ["denied"] }), ...deployJob });
}
{
  const s = story("emergency and its review");
  const one = s.created("alice", { ...deploy, emergency: true, duration: 30 * minute });
  s.say("bob", "override.reviewed", { override: one.id, outcome: "misuse", note: "not needed" }, { at: 60 });
  s.expect("a review ends nothing, whatever it says", { ...skip, ...deployJob, now: 60 });
}
{
  const s = story("emergency whose review is overdue");
  const one = s.created("alice", { ...deploy, emergency: true, duration: 30 * minute });
  const two = s.created("alice", deploy, { at: 2 * hour });
  s.approved("bob", two, { at: 2 * hour + 10 });
  s.expect("a reader asks for no more than the override does of itself", {
    ...skip,
    objections: { [one.seq]: ["expired"] },
    ...deployJob,
    now: 2 * hour + 10,
  });
}

// the time begins with the last approval that is needed
{
  const s = story("time after approvals");
  const one = s.created("alice", { ...payments, tickets: [] });
  s.approved("bob", one, { at: 600 });
  s.approved("carol", one, { at: 300 });
  s.expect("with the latest of those that are needed, not with the last in the log", { ...skip, ...payJob, now: 600 + hour - 1 });
  s.expect("its end is exclusive", { ...no({ [one.seq]: ["expired"] }), ...payJob, now: 600 + hour });
}
{
  const s = story("time after a third approval");
  const one = s.created("alice", deploy);
  s.approved("bob", one, { at: 600 });
  s.approved("carol", one, { at: 1200 });
  s.expect("one that was not needed begins nothing", { ...no({ [one.seq]: ["expired"] }), ...deployJob, now: 600 + hour });
}
{
  const s = story("time after a revoked key");
  const one = s.created("alice", deploy);
  s.approved("bob", one, { at: 600 });
  s.approved("carol", one, { at: 1200 });
  s.keyRevoked("erin", "bob", { at: 1300 });
  s.expect("the approval of a revoked key is replaced by the next", { ...skip, ...deployJob, now: 1300 });
  s.expect("and the time that it began does not begin anew", { ...no({ [one.seq]: ["expired"] }), ...deployJob, now: 600 + hour });
}
{
  const s = story("until and approvals");
  const one = s.created("alice", { ...deploy, until: t0 + 1000 });
  s.approved("bob", one, { at: 900 });
  s.expect("a point in time is not moved by an approval", { ...skip, ...deployJob, now: 999 });
  s.expect("it ends then", { ...no({ [one.seq]: ["expired"] }), ...deployJob, now: 1000 });
}

// scheduled starts
{
  const s = story("scheduled");
  const one = s.created("alice", { nbf: t0 + hour });
  s.expect("not yet", { ...no({ [one.seq]: ["not-started"] }), now: hour - 61 });
  s.expect("a minute ahead is accepted, for clocks differ", { ...skip, now: hour - 60 });
  s.expect("it lasts from its start on", { ...skip, now: 2 * hour - 1 });
  s.expect("and the end is not stretched", { ...no({ [one.seq]: ["expired"] }), now: 2 * hour });
}
{
  const s = story("scheduled and approved before");
  const one = s.created("alice", { ...deploy, nbf: t0 + hour });
  s.approved("bob", one, { at: 600 });
  s.expect("an approval does not begin it before its start", { ...no({ [one.seq]: ["not-started"] }), ...deployJob, now: 600 });
  s.expect("its start is its start", { ...skip, ...deployJob, now: 2 * hour - 1 });
  s.expect("and so is its end", { ...no({ [one.seq]: ["expired"] }), ...deployJob, now: 2 * hour });
}
{
  const s = story("scheduled and approved after");
  const one = s.created("alice", { ...deploy, nbf: t0 + hour });
  s.approved("bob", one, { at: hour + 600 });
  s.expect("an approval after the start begins it then", { ...skip, ...deployJob, now: 2 * hour + 599 });
  s.expect("and it ends as much later", { ...no({ [one.seq]: ["expired"] }), ...deployJob, now: 2 * hour + 600 });
}
{
  const s = story("scheduled far ahead");
  const one = s.created("alice", { nbf: t0 + 7 * day });
  s.expect("seven days ahead", no({ [one.seq]: ["not-started"] }));
  const two = story("scheduled too far ahead");
  two.created("alice", { nbf: t0 + 7 * day + 1 });
  two.expect("a second more is no override", none);
}
{
  const s = story("scheduled hold");
  const one = s.created("alice", { ...deploy, action: "hold", nbf: t0 + hour });
  s.expect("a hold that is for later holds nothing yet", { ...no({ [one.seq]: ["not-started"] }), ...deployJob });
  s.expect("it does then", { ...held, ...deployJob, now: hour });
  s.expect("a clock in doubt starts it early, as it may be that late", { ...held, ...deployJob, now: hour - 200, storeTime: hour });
}

// extensions: statements of their own that name what they go on from
{
  const s = story("extension");
  const one = s.created("alice");
  const two = s.created("alice", { nbf: t0 + hour, supersedes: one.id }, { at: 3000 });
  s.expect("until the old one ends it is for later", { ...skip, objections: { [two.seq]: ["not-started"] }, now: 3000 });
  s.expect("then it goes on", { ...skip, objections: { [one.seq]: ["expired"] }, now: hour });
  s.expect("until its own end", { ...no({ [one.seq]: ["expired"], [two.seq]: ["expired"] }), now: 2 * hour });
  s.revoked("alice", two, { at: hour + 10 });
  s.expect("each ends for itself", { ...no({ [one.seq]: ["expired"], [two.seq]: ["revoked"] }), now: hour + 10 });
}
{
  const s = story("extension that is not approved");
  const one = s.created("alice", deploy);
  s.approved("bob", one, { at: 0 });
  const two = s.created("alice", { ...deploy, nbf: t0 + hour, supersedes: one.id }, { at: 3000 });
  s.expect("the approvals of the old one are none of the new one", {
    ...no({ [one.seq]: ["expired"], [two.seq]: ["approvals"] }),
    ...deployJob,
    now: hour,
  });
  s.approved("carol", two, { at: hour + 60 });
  s.expect("it needs those of a fresh override", { ...skip, objections: { [one.seq]: ["expired"] }, ...deployJob, now: hour + 60 });
}
{
  const s = story("extension of the longest");
  const one = s.created("alice", { duration: 4 * hour });
  s.created("alice", { nbf: t0 + 4 * hour, duration: 4 * hour, supersedes: one.id }, { at: 100 });
  s.expect("the rule's longest is for each; all of them together are for writers and audits", {
    ...skip,
    objections: { [one.seq]: ["expired"] },
    now: 8 * hour - 1,
    subject: { branch: "main" },
  });
}

// freezes
{
  const s = story("freeze");
  const before = { ...deployJob, now: 9 * hour - 1 };
  s.expect("before it begins, as clocks in Berlin show it", { ...none, ...before });
  s.expect("when it begins", { ...frozen(), ...deployJob, now: 9 * hour });
  s.expect("until its end", { ...frozen(), ...deployJob, now: 11 * hour - 1 });
  s.expect("which is exclusive", { ...none, ...deployJob, now: 11 * hour });
  s.expect("a clock in doubt lifts none: it may be before the end", { ...frozen(), ...deployJob, now: 11 * hour, storeTime: 11 * hour - 121 });
  s.expect("or after the beginning", { ...frozen(), ...deployJob, now: 9 * hour - 121, storeTime: 9 * hour });
  s.expect("of another kind of stage", { ...none, now: 9 * hour });
}
{
  const s = story("freeze and skips");
  const one = s.created("alice", deploy, { at: 8 * hour + 1800 });
  s.approved("bob", one, { at: 8 * hour + 1800 });
  s.expect("a skip before the freeze", { ...skip, ...deployJob, now: 9 * hour - 1 });
  s.expect("it does not apply in the freeze", { ...frozen({ [one.seq]: ["frozen"] }), ...deployJob, now: 9 * hour });
  const two = s.created("alice", { ...deploy, action: "hold" }, { at: 9 * hour });
  s.expect("a hold is above the freeze", { ...held, ...deployJob, now: 9 * hour });
  s.revoked("alice", two, { at: 9 * hour + 10 });
  s.expect("which is there again when the hold is lifted", {
    ...frozen({ [one.seq]: ["frozen"], [two.seq]: ["revoked"] }),
    ...deployJob,
    now: 9 * hour + 10,
  });
}
{
  const s = story("freeze and force");
  const one = s.created("alice", { ...deploy, action: "force" }, { at: 10 * hour });
  s.expect("a force that waits beats nothing", { ...frozen({ [one.seq]: ["approvals"] }), ...deployJob, now: 10 * hour });
  s.approved("bob", one, { at: 10 * hour + 60 });
  s.expect("a force beats the freeze", { ...forced, ...deployJob, now: 10 * hour + 60 });
  s.revoked("alice", one, { at: 10 * hour + 70 });
  s.expect("until it is revoked", { ...frozen({ [one.seq]: ["revoked"] }), ...deployJob, now: 10 * hour + 70 });
}
{
  const s = story("freeze and an emergency");
  const one = s.created("alice", { ...deploy, action: "force", emergency: true, duration: 30 * minute }, { at: 9 * hour + 1 });
  s.expect("an emergency forces at once", { ...forced, ...deployJob, now: 9 * hour + 1 });
  s.expect("and is over after its time, the freeze is not", { ...frozen({ [one.seq]: ["expired"] }), ...deployJob, now: 9 * hour + 1 + 30 * minute });
}
{
  const s = story("freeze and several");
  const one = s.created("alice", { ...deploy, action: "force" }, { at: 9 * hour });
  s.approved("bob", one, { at: 9 * hour });
  const two = s.created("alice", { ...deploy, action: "hold" }, { at: 9 * hour + 5 });
  s.expect("a hold is above a force too", { ...held, ...deployJob, now: 9 * hour + 5 });
  s.revoked("alice", two, { at: 9 * hour + 6 });
  s.expect("without it the force decides", { ...forced, objections: { [two.seq]: ["revoked"] }, ...deployJob, now: 9 * hour + 6 });
}
{
  const s = story("weekly freeze");
  s.expect("on that day, before its hour", { ...none, now: 6 * hour - 1 });
  s.expect("in its hour", { ...frozen(), now: 6 * hour });
  s.expect("after it", { ...none, now: 7 * hour });
  s.expect("on the next day", { ...none, now: day + 6 * hour });
  s.expect("a week later", { ...frozen(), now: 7 * day + 6 * hour });
  s.expect("a pull request into the branch", { ...frozen(), now: 6 * hour, subject: { head: "fix", pr: 7 } });
  s.expect("another branch", { ...none, now: 6 * hour, subject: { branch: "dev", head: "dev" } });
  s.expect("a tag", { ...none, now: 6 * hour, subject: { branch: null, head: null, tag: "v1" } });
  s.expect("a stage that is excepted", { ...none, now: 6 * hour, subject: { stage: "docs" } });
}
{
  const s = story("weekly freeze and overrides");
  const one = s.created("alice", { action: "allow-failure" }, { at: 6 * hour });
  s.expect("an allow-failure does not apply", { ...frozen({ [one.seq]: ["frozen"] }), now: 6 * hour });
  s.created("alice", { action: "force" }, { at: 6 * hour });
  s.expect("a force does, and is what decides", { ...forced, now: 6 * hour });
  s.expect("the freeze is over, and the force is not", { ...forced, now: 7 * hour - 1 });
}
{
  const s = story("weekly freeze over the end of the week");
  const docs = { subject: { stage: "docs" } };
  const sunday = 5 * day;
  s.expect("on Sunday before ten", { ...none, ...docs, now: sunday + 22 * hour - 1 });
  s.expect("on Sunday from ten on", { ...frozen(), ...docs, now: sunday + 22 * hour });
  s.expect("on Monday before one", { ...frozen(), ...docs, now: sunday + 25 * hour - 1 });
  s.expect("on Monday from one on", { ...none, ...docs, now: sunday + 25 * hour });
}
{
  const s = story("weekly freeze and the change of clocks");
  const at = (time) => ({ now: Date.parse(time) / 1000 - t0, subject: { stage: "clocks" } });
  s.expect("in winter 02:30 is 01:30 UTC", { ...frozen(), ...at("2030-01-06T01:30:00Z") });
  s.expect("in summer it is 00:30 UTC", { ...frozen(), ...at("2030-06-02T00:30:00Z") });
  s.expect("in summer it ends at 02:00 UTC", { ...none, ...at("2030-06-02T02:00:00Z") });
  s.expect("02:30 is skipped in spring: at 01:59 it is not frozen", { ...none, ...at("2030-03-31T00:59:59Z") });
  s.expect("and the clocks show 03:00 next, which is in it", { ...frozen(), ...at("2030-03-31T01:00:00Z") });
  s.expect("until they show 04:00", { ...none, ...at("2030-03-31T02:00:00Z") });
  s.expect("02:30 comes twice in autumn: the first time it begins", { ...frozen(), ...at("2030-10-27T00:30:00Z") });
  s.expect("clocks that go back to 02:00 show a time before it", { ...none, ...at("2030-10-27T01:00:00Z") });
  s.expect("the second time it goes on", { ...frozen(), ...at("2030-10-27T01:30:00Z") });
  s.expect("until 04:00", { ...none, ...at("2030-10-27T03:00:00Z") });
}

write(outputOf(import.meta.url));
