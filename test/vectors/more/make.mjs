// Makes the further vectors: policy.yaml, logs.json and decisions.json, beside this file or in the
// directory given. Run twice, it writes the same bytes.
import { elsewhere, hour, keys, outputOf, t0, world, year } from "../story.mjs";

const policyOf = (logId) => `version: 1
log: { store: git, branch: optout-log, id: ${logId} }
principals:
  alice: { roles: [oncall], keys: ["${keys.alice.ssh}", "${keys.alice2.ssh}"] }
  bob:   { roles: [release-manager], keys: ["${keys.bob.ssh}"] }
  carol: { roles: [release-manager, oncall], keys: ["${keys.carol.ssh}"] }
  erin:  { roles: [lifter, security], keys: ["${keys.erin.ssh}"] }
  ci:    { kind: ci, roles: [oncall, release-manager, lifter, security], keys: ["${keys.ci.ssh}"] }
stages:
  lint:        { kind: quality }
  unit-tests:  { kind: quality }
  prod-gate:   { kind: gate, environment: production }
  deploy-prod: { kind: deploy, environment: production }
  release:     { kind: announced }
  scan:        { kind: recorded }
rules:
  - id: quality-of-releases
    match:   { kind: quality, branches: ["release/*"] }
    actions: [force]
    who:     [release-manager]
    longest: 1h
  - id: quality
    match:   { kind: quality }
    actions: [skip, allow-failure, force, hold]
    who:     [oncall]
    longest: 4h
    reason:  { min: 10, codes: [broken-gate, flaky], ticket: "^(INC|OPS)-[0-9]+$" }
  - id: gates
    match:   { kind: gate, branches: [main] }
    actions: [skip]
    who:     [oncall]
    longest: 1h
    approvals: { count: 1, from: [release-manager], pending: 2h }
    emergency: { who: [oncall], longest: 30m, review_within: 24h }
    may_revoke: [lifter]
  - id: deploys
    match:   { environments: [production] }
    actions: [skip, force, hold]
    who:     [oncall]
    longest: 1h
    approvals: { count: 2, from: [release-manager] }
    may_revoke: [lifter]
  - { id: announced, match: { kind: announced }, actions: [skip, hold], who: [oncall], longest: 1h, announce: required }
  - { id: recorded, match: { kind: recorded }, actions: [skip], who: [oncall], longest: 1h, record_use: required }
may_revoke: [security]
notify:
  - { to: slack }
`;

const { story, write } = world("more", policyOf);

const skip = { outcome: "skip", exit: 0 };
const none = { outcome: "enforced", exit: 10 };
const broken = { outcome: "integrity", exit: 5 };
const held = { outcome: "hold", exit: 11 };
/** No override applies; `objections` are the codes by the position of each. */
const no = (objections) => ({ outcome: "enforced", exit: 11, objections });

const inProduction = { environment: "production" };
const gate = {
  target: { type: "stage", name: "prod-gate" },
  scope: { branches: ["main"], environment: "production" },
};
const gateJob = { subject: { stage: "prod-gate", ...inProduction } };
const deploy = { ...gate, target: { type: "stage", name: "deploy-prod" } };
const deployJob = { subject: { stage: "deploy-prod", ...inProduction } };
const hold = { ...deploy, action: "hold" };
const bad = { signature: Buffer.alloc(64, 1) };
const wrongNumber = { position: { seq: 99 } };
const spaced = { payload: (members) => JSON.stringify(members, null, 1) };
const formless = { bytes: (line) => `x ${line}` };

// the rule
{
  const s = story("reason code");
  const one = s.created("alice", { reason: { code: "drill", text: "ten chars." } });
  s.expect("a code that the rule does not take", no({ [one.seq]: ["reason-code"] }));
  s.created("alice", { reason: { code: "flaky", text: "ten chars." } });
  s.expect("one that it does", { ...skip, objections: { [one.seq]: ["reason-code"] } });
}
{
  const s = story("every reason");
  const all = s.created("bob", {
    scope: { branches: ["dev"] },
    reason: { code: "other", text: "short" },
    tickets: [],
    duration: 4 * hour + 1,
  });
  const found = ["out-of-scope", "who", "too-long", "reason-too-short", "reason-code", "ticket-missing"];
  s.expect("all reasons are told, not only the first", no({ [all.seq]: found }));
  s.revoked("bob", all);
  s.expect("with what others said, and the time", {
    ...no({ [all.seq]: [...found, "revoked", "expired"] }),
    now: 4 * hour + 1,
  });
}
{
  const s = story("first rule");
  const one = s.created("alice", { scope: { branches: ["release/1", "main"] } });
  const release = { branch: "release/1", head: "release/1" };
  s.expect("the first rule that fits decides, though a later one would allow it", {
    ...no({ [one.seq]: ["action", "who"] }),
    subject: release,
  });
  s.expect("where it does not fit the later one does", skip);
  const forced = s.created("bob", {
    action: "force",
    scope: { branches: ["release/1"] },
    reason: { code: "other", text: "x" },
    tickets: [],
  });
  s.expect("each rule has conditions of its own", {
    outcome: "force",
    exit: 11,
    objections: { [one.seq]: ["action", "who"] },
    subject: release,
  });
  s.expect("a pull request is judged by the branch that receives it", {
    ...skip,
    objections: {
      [forced.seq]: ["out-of-scope", "who", "reason-too-short", "reason-code", "ticket-missing"],
    },
    subject: { head: "release/1" },
  });
}

// announcements
{
  const s = story("announce");
  const release = { target: { type: "stage", name: "release" } };
  const one = s.created("alice", release);
  const waits = { ...no({ [one.seq]: ["not-announced"] }), subject: { stage: "release" } };
  s.expect("not announced", waits);
  s.noticed("ci", one, { status: "failed" });
  s.expect("a notice that failed", waits);
  s.noticed("ci", one, { channel: "diary" });
  s.expect("a channel that the policy does not name", waits);
  s.noticed("bob", one);
  s.expect("a notice by a person other than the author", waits);
  s.noticed("mallory", one);
  s.expect("a notice under an unknown key", waits);
  s.noticed("ci", one, { about: "ovr_zzzzzzzzzzzzzzzz" });
  s.expect("a notice about another", waits);
  s.noticed("ci", one, {}, wrongNumber);
  s.expect("a notice at a void position", waits);
  s.noticed("ci", one, {}, { saw: { seq: 1, hash: elsewhere } });
  s.expect("a notice by a ci key that saw another log", waits);
  s.noticed("ci", one);
  s.expect("delivered, as a ci key says", { ...skip, subject: { stage: "release" } });
}
{
  const s = story("announced by the author");
  const release = { target: { type: "stage", name: "release" } };
  const one = s.created("alice", release);
  s.noticed("alice2", one);
  s.expect("delivered, as the author says with her other key", { ...skip, subject: { stage: "release" } });
  s.keyRevoked("alice", "alice2");
  s.expect("a revoked key's notice does not count", {
    ...no({ [one.seq]: ["not-announced"] }),
    subject: { stage: "release" },
  });
  s.created("alice", { ...release, action: "hold" });
  s.expect("a hold needs no announcement", {
    ...held,
    objections: { [one.seq]: ["not-announced"] },
    subject: { stage: "release" },
  });
}

// the clock
{
  const s = story("store time");
  const one = s.created("alice");
  for (const difference of [120, -120]) {
    s.expect(`the store's time differs by ${difference} s`, { ...skip, now: 600, storeTime: 600 + difference });
  }
  for (const difference of [121, -121, year, -year]) {
    s.expect(`the store's time differs by ${difference} s`, {
      ...no({ [one.seq]: ["clock"] }),
      now: 600,
      storeTime: 600 + difference,
    });
  }
  s.expect("doubt does not hide that it has expired by this machine's clock", {
    ...no({ [one.seq]: ["clock", "expired"] }),
    now: year,
    storeTime: 600,
  });
}
{
  const s = story("clock of others");
  const one = s.created("alice");
  s.used("ci", one, {}, { at: year });
  s.keyRevoked("mallory", "erin", { at: year });
  s.keyRevoked("bob", "mallory", { at: year, ...bad });
  s.keyRevoked("bob", "mallory", { at: year, ...wrongNumber });
  s.expect("neither a ci key nor what does not count casts doubt", skip);
  s.keyRevoked("bob", "mallory", { at: 10 + 121 });
  s.expect("a person's statement does, whatever it says", no({ [one.seq]: ["clock"] }));
}
{
  const s = story("hold in doubt");
  const one = s.created("alice", hold);
  s.expect("this machine is a year ahead of the store", { ...held, ...deployJob, now: year, storeTime: 600 });
  s.expect("this machine is a year behind the store", { ...held, ...deployJob, now: 600, storeTime: year });
  s.expect("this machine is a year behind the hold's author", { ...held, ...deployJob, now: -year });
  s.expect("both clocks say that it is over", {
    ...no({ [one.seq]: ["expired"] }),
    ...deployJob,
    now: year,
    storeTime: 2 * year,
  });
  s.revoked("alice", one);
  s.expect("revoked", { ...no({ [one.seq]: ["revoked"] }), ...deployJob });
  s.expect("a revocation permits, so it does not count in doubt", { ...held, ...deployJob, storeTime: 600 });
}
{
  const s = story("hold for later");
  const one = s.created("alice", { ...hold, nbf: t0 + 2 * hour });
  s.expect("a hold starts up to 60 s early", { ...held, ...deployJob, now: 2 * hour - 60 });
  s.expect("and no earlier", { ...no({ [one.seq]: ["not-started"] }), ...deployJob, now: 2 * hour - 61 });
  s.expect("in doubt it stands where either clock says so", {
    ...held,
    ...deployJob,
    now: 0,
    storeTime: 2 * hour,
  });
}

// holds
{
  const s = story("lifting a hold");
  const one = s.created("alice", { ...hold, once: true });
  const stands = { ...held, ...deployJob };
  s.expect("a hold needs no approvals", stands);
  s.used("ci", one, { stage: "deploy-prod", run: "900" });
  s.expect("and knows no uses", stands);
  s.revoked("mallory", one);
  s.denied("mallory", one);
  s.expect("an unknown key does not lift it", stands);
  s.revoked("alice", one, bad);
  s.revoked("alice", one, spaced);
  s.revoked("alice", one, wrongNumber);
  s.revoked("alice", one, formless);
  s.expect("nor what does not count", stands);
  s.revoked("ci", one);
  s.expect("nor a ci key, whatever its roles", stands);
  s.denied("alice", one);
  s.expect("nor a denial by the author", stands);
  s.denied("erin", one);
  s.expect("nor a denial by one who may only revoke", stands);
  s.denied("bob", one, {}, { digest: elsewhere });
  s.expect("nor a denial of another text", stands);
  s.revoked("alice2", one);
  s.keyRevoked("alice", "alice2");
  s.expect("nor a revocation by a key that is revoked", stands);
  s.keyRevoked("alice", "alice");
  s.expect("the hold of a revoked key stands", stands);
  s.denied("bob", one);
  s.expect("a denial by an eligible approver lifts it", {
    ...no({ [one.seq]: ["denied"] }),
    ...deployJob,
  });
}
for (const [who, title] of [
  ["alice", "its author"],
  ["bob", "an eligible approver"],
  ["erin", "a role of may_revoke"],
]) {
  const s = story(`hold revoked by ${who}`);
  const one = s.created("alice", hold);
  s.revoked(who, one);
  s.expect(`revoked by ${title}`, { ...no({ [one.seq]: ["revoked"] }), ...deployJob });
}
{
  const s = story("order of protection");
  for (const action of ["skip", "allow-failure", "force"]) s.created("alice", { action });
  s.expect("of a stage that is no deploy force wins", { outcome: "force", exit: 11 });
  s.created("alice", { action: "hold" });
  s.expect("and a hold above all", held);
}

// denials
{
  const s = story("denials");
  const one = s.created("carol", { ...gate, emergency: true, duration: 1800 });
  const stands = { ...skip, ...gateJob };
  s.approved("bob", one, { at: 5 });
  s.expect("approvals change nothing about an emergency", stands);
  s.denied("carol", one);
  s.expect("a denial by the author has no effect, though she has the role", stands);
  s.denied("erin", one);
  s.expect("nor has one by a person who may only revoke", stands);
  s.denied("ci", one);
  s.expect("nor has a ci key's", stands);
  s.denied("bob", one, {}, { digest: elsewhere });
  s.expect("an eligible denial counts, though it names another text", {
    ...no({ [one.seq]: ["denied"] }),
    ...gateJob,
  });
}
for (const [name, how] of [
  ["a wrong signature", bad],
  ["white space in its JSON", spaced],
  ["another header", { header: "{}" }],
  ["the number of another position", wrongNumber],
  ["bytes that are no position", formless],
]) {
  const s = story(`revocation with ${name}`);
  const one = s.created("alice");
  s.revoked("mallory", one, how);
  s.expect(`a stranger's revocation with ${name} counts`, no({ [one.seq]: ["doubt"] }));
}
for (const kind of ["revoked", "denied"]) {
  const s = story(`${kind} by nobody`);
  const one = s.created("alice", { ...gate, emergency: true, duration: 1800 });
  s[kind]("mallory", one);
  s.expect(`${kind} under an unknown key`, { ...no({ [one.seq]: ["doubt"] }), ...gateJob });
}
{
  const s = story("revoked beforehand");
  const id = "ovr_zzzzzzzzzzzzzzz1";
  s.revoked("alice", { id });
  const one = s.created("alice", { id });
  s.expect("a revocation that stands before the creation", no({ [one.seq]: ["revoked"] }));
}

// uses
{
  const s = story("uses");
  const one = s.created("alice", { once: true });
  s.used("alice", one, { run: "900" });
  s.expect("a person's use is none", skip);
  s.used("ci", one);
  s.expect("the run that used it", skip);
  s.expect("another run", { ...no({ [one.seq]: ["used-up"] }), subject: { run: "813" } });
  s.expect("the same number on another forge", {
    ...no({ [one.seq]: ["used-up"] }),
    subject: { forge: "gitlab" },
  });
  s.expect("no run at all", { ...no({ [one.seq]: ["used-up"] }), subject: { run: null, forge: null } });
  s.used("ci", one, { attempt: 2, job: "lint (22)" });
  s.expect("another attempt and another leg of the matrix", skip);
}
for (const [name, args, code] of [
  ["for another stage", [{ stage: "unit-tests" }], "used-up"],
  ["of another text", [{}, {}, { digest: elsewhere }], "used-up"],
  ["at a void position", [{}, wrongNumber], "used-up"],
  ["with a wrong signature", [{}, bad], "doubt"],
  ["with white space in its JSON", [{}, spaced], "doubt"],
]) {
  const s = story(`use ${name}`);
  const one = s.created("alice", { once: true });
  s.used("ci", one, ...args);
  s.expect(`a use ${name} spends it for the run that made it too`, no({ [one.seq]: [code] }));
}
{
  const s = story("record demanded");
  const one = s.created("alice", { target: { type: "stage", name: "scan" } });
  s.used("ci", one, { stage: "scan", run: "900" });
  s.expect("a rule that demands records does not limit their number", { ...skip, subject: { stage: "scan" } });
}

// approvals
{
  const s = story("approvals wait");
  const one = s.created("alice", { ...gate, duration: 60 });
  s.expect("what waits has not expired, though its duration is shorter than the wait", {
    ...no({ [one.seq]: ["approvals"] }),
    ...gateJob,
    now: hour,
  });
  s.expect("until the wait is over", {
    ...no({ [one.seq]: ["approvals-too-late"] }),
    ...gateJob,
    now: 2 * hour,
  });
  s.approved("bob", one, { at: 2 * hour - 1 });
  s.expect("approved in the last second", { ...skip, ...gateJob, now: 2 * hour });
  s.expect("its time runs from there", {
    ...no({ [one.seq]: ["expired"] }),
    ...gateJob,
    now: 2 * hour - 1 + 60,
  });
}
{
  const s = story("approvals and until");
  const one = s.created("alice", { ...gate, until: t0 + 60 });
  s.expect("until ends what still waits", {
    ...no({ [one.seq]: ["approvals", "expired"] }),
    ...gateJob,
    now: 60,
  });
}
{
  const s = story("approvals later than promised");
  const one = s.created("alice", { ...gate, pending_until: t0 + 6 * 86_400 });
  s.approved("bob", one, { at: 2 * hour });
  s.expect("the rule's wait counts, not a longer one of the author's", {
    ...no({ [one.seq]: ["approvals-too-late"] }),
    ...gateJob,
    now: 2 * hour,
  });
}
{
  const s = story("approvals of two");
  const one = s.created("alice", deploy);
  s.approved("bob", one, { at: 10, saw: { seq: 1, hash: s.hashAt(1) } });
  s.approved("carol", one, { at: 300, ...wrongNumber });
  s.expect("an approval at a void position does not count", {
    ...no({ [one.seq]: ["approvals"] }),
    ...deployJob,
    now: 300,
  });
  s.approved("carol", one, { at: 400 });
  s.expect("two, of which one had not even seen the request: its digest tells", {
    ...skip,
    ...deployJob,
    now: 400,
  });
  s.keyRevoked("erin", "carol", { at: 410 });
  s.expect("a revoked key takes its approvals with it", {
    ...no({ [one.seq]: ["approvals"] }),
    ...deployJob,
    now: 420,
  });
}

// keys
for (const [who, title, outcome] of [
  ["alice2", "by its owner's other key", "key-revoked"],
  ["erin", "by a role of the policy's may_revoke", "key-revoked"],
  ["bob", "by another person", null],
  ["ci", "by a ci key, whatever its roles", null],
  ["mallory", "by an unknown key", null],
]) {
  const s = story(`key revoked by ${who}`);
  const one = s.created("alice");
  s.keyRevoked(who, "alice");
  s.expect(`revoked ${title}`, outcome === null ? skip : no({ [one.seq]: [outcome] }));
}

// the whole log
{
  const s = story("unknown");
  s.created("alice");
  s.say("erin", "override.blessed", { log: elsewhere });
  s.say("erin", "override.created", { v: 2, log: elsewhere });
  s.expect("what is unknown and of another log is void", skip);
  s.say("ci", "override.used", { v: 2 });
  s.expect("a newer version by a ci key is void", skip);
  s.say("erin", "note.sticker", { v: 2 });
  s.expect("a newer version by a person stops everything, of a note too", broken);
}
{
  const s = story("contradiction in a note");
  s.created("alice");
  s.say("erin", "note.sticker", {}, { saw: { seq: 1, hash: elsewhere } });
  s.expect("a person's note that contradicts the log stops everything", broken);
}
{
  const s = story("empty");
  s.expect("an empty log", { ...broken, upto: -1 });
}

// scopes
{
  const s = story("everywhere");
  const one = s.created("alice", { scope: { branches: "*" } });
  s.expect("any branch", { ...skip, subject: { branch: "dev", head: "dev" } });
  s.expect("a tag, for * is no condition on the branch", { ...skip, subject: { branch: null, head: null, tag: "v1" } });
  s.expect("no fork", { ...no({ [one.seq]: ["out-of-scope"] }), subject: { head: null, fork: true } });
  s.expect("no environment", { ...no({ [one.seq]: ["out-of-scope"] }), subject: inProduction });
}
{
  const s = story("pull request");
  const one = s.created("alice", { scope: { branches: ["main"], pr: 7 } });
  s.expect("the pull request that it names", { ...skip, subject: { head: "fix", pr: 7 } });
  s.expect("another one", { ...no({ [one.seq]: ["out-of-scope"] }), subject: { head: "fix", pr: 8 } });
  s.expect("a push", no({ [one.seq]: ["out-of-scope"] }));
}
{
  const s = story("nothing");
  s.created("mallory");
  s.created("alice", {}, formless);
  s.created("alice", { more: 1 });
  s.expect("what is not genuine is no override at all", none);
}

write(outputOf(import.meta.url));
