// Makes the vectors of limits over several overrides, extensions and what cannot be undone: policy.yaml,
// logs.json, decisions.json, audits.json and requests.json, beside this file or in the directory given.
// Run twice, it writes the same bytes.
import { hour, keys, outputOf, t0, world } from "../story.mjs";

const policyOf = (logId) => `version: 1
log: { store: git, branch: optout-log, id: ${logId} }
principals:
  alice: { roles: [oncall], keys: ["${keys.alice.ssh}", "${keys.alice2.ssh}"] }
  bob:   { roles: [release-manager], keys: ["${keys.bob.ssh}"] }
  carol: { roles: [release-manager, oncall], keys: ["${keys.carol.ssh}"] }
  erin:  { roles: [developer], keys: ["${keys.erin.ssh}"] }
  ci:    { kind: ci, roles: [oncall], keys: ["${keys.ci.ssh}"] }
stages:
  lint:       { kind: quality }
  unit-tests: { kind: quality }
  docs:       { kind: quality }
  deploy:     { kind: deploy }
  payments:   { kind: gate }
  migrate:    { kind: gate, irreversible: true, rollback: "psql -f down.sql" }
rules:
  - { id: quality, match: { kind: quality }, actions: [skip, allow-failure, force, hold], who: [oncall], longest: 4h, may_revoke: [release-manager] }
  - { id: deploys, match: { kind: deploy }, actions: [skip, force, hold], who: [oncall], longest: 4h }
  - id: gates
    match:   { kind: gate }
    actions: [skip, hold]
    who:     [oncall]
    longest: 1h
    approvals: { count: 1, from: [release-manager], pending: 1h }
    emergency: { who: [oncall], longest: 30m }
limits:
  per_stage:  { total: 6h, within: 7d, open: 3 }
  per_person: { open: 4 }
  extensions: { count: 2, total: 3h }
`;

const { story, write } = world("limits", policyOf);

const allowed = { answer: "allowed" };
const pending = { answer: "pending" };
/** The codes against it in the one place that it names. */
const refused = (...objections) => ({ answer: "refused", objections });
const minute = 60;
const day = 24 * hour;
const stage = (name) => ({ target: { type: "stage", name } });
const payments = stage("payments");
const LIMIT = "LIMIT_EXCEEDED";
const OPEN = "OPEN_EXCEEDED";
const INVALID = "EXTENSION_INVALID";
const EXTENDED = "EXTENSIONS_EXCEEDED";

// in all, within a rolling time
{
  const s = story("total");
  s.created("alice", { duration: 4 * hour });
  s.asks("what is left of the time may be taken", { ...allowed, duration: 2 * hour });
  s.asks("a second more may not", { ...refused("limit"), duration: 2 * hour + 1 });
  s.asks("nor elsewhere: the limit is of the stage", { ...refused("limit"), duration: 2 * hour + 1, scope: { branches: ["release/1"] } });
  s.asks("nor by another person", { ...refused("limit"), by: "carol", duration: 2 * hour + 1 });
  s.asks("another stage has its own", { ...allowed, stage: "docs", duration: 4 * hour });
  s.asks("a hold takes none", { ...allowed, action: "hold", duration: 4 * hour });
  s.asks("it counts in full once it is over", { ...refused("limit"), duration: 2 * hour + 1, now: 2 * day });
  s.asks("and less the farther its beginning lies behind the window", { ...allowed, duration: 3 * hour, now: 7 * day + hour });
  const more = s.created("carol", { duration: 2 * hour + 1 }, { at: 5 * hour });
  s.finds("forced into the log", [LIMIT, more]);
}
{
  const s = story("total and ends");
  const one = s.created("alice", { duration: 4 * hour });
  s.revoked("alice", one, { at: hour });
  s.asks("what was revoked counts until then", { ...allowed, duration: 4 * hour, now: hour });
  const two = s.created("alice", { ...payments, duration: hour }, { at: hour });
  s.denied("bob", two, { at: hour + 1 });
  for (let i = 0; i < 3; i += 1) s.created("carol", { ...payments, duration: hour }, { at: 2 * hour + i });
  s.asks("what waits counts in full, what was denied does not", { ...refused("too-many-open"), stage: "payments", now: 2 * hour + 10 });
  s.finds("none is too much");
}

// open at the same time
{
  const s = story("open of a stage");
  const first = s.created("alice", { duration: 10 * minute });
  s.created("carol", { duration: 20 * minute });
  s.asks("a third of the stage", { ...allowed });
  s.created("alice", { duration: 20 * minute, scope: { branches: ["dev"] } }, { at: 5 });
  s.asks("a fourth, wherever", { ...refused("too-many-open"), scope: { tags: ["v1"] } });
  s.asks("a fourth, by whomever", { ...refused("too-many-open"), by: "carol" });
  s.asks("a hold is no matter of it", { ...allowed, action: "hold" });
  s.asks("another stage is not", { ...allowed, stage: "docs" });
  s.asks("once the first is over", { ...allowed, now: 10 * minute });
  const more = s.created("alice", {}, { at: 60 });
  s.finds("forced into the log", [OPEN, more]);
  s.revoked("alice", first, { at: 70 });
  s.revoked("alice", more, { at: 80 });
  s.asks("once two are revoked", { ...allowed, now: 90 });
}
{
  const s = story("open and about to end");
  for (let i = 0; i < 3; i += 1) s.created(i < 2 ? "alice" : "carol", { duration: 10 * minute });
  s.asks("a writer goes by her clock", { ...refused("too-many-open"), now: 10 * minute - 1 });
  s.created("alice", {}, { at: 8 * minute });
  s.finds("an audit passes over what ends within 120 s: clocks differ by that, and writers try again");
}
{
  const s = story("open of a person");
  for (const name of ["lint", "unit-tests", "docs"]) s.created("alice", stage(name));
  const wait = s.created("alice", payments, { at: 5 });
  s.asks("a fifth at the same time, one waits", { ...refused("too-many-open"), stage: "deploy" });
  s.asks("by another person", { ...allowed, by: "carol", stage: "deploy" });
  s.asks("an emergency counts as any other", { ...refused("too-many-open"), stage: "payments", emergency: true, duration: 600 });
  const more = s.created("alice2", stage("deploy"), { at: 20 });
  s.finds("forced into the log, with her other key", [OPEN, more]);
  s.denied("bob", wait, { at: 30 });
  s.revoked("alice", more, { at: 40 });
  s.asks("once it was denied", { ...allowed, stage: "deploy", now: 50 });
}
{
  const s = story("open, once, holds");
  for (const name of ["lint", "lint", "lint"]) s.created("carol", { ...stage(name), action: "hold" });
  s.created("alice", { once: true });
  s.created("alice", { once: true });
  const third = s.created("alice", { once: true });
  s.asks("holds are not counted, three others are", { ...refused("too-many-open"), by: "carol" });
  s.used("ci", third, {}, { at: 10 });
  s.asks("what was used up is no longer open", { ...allowed, by: "carol", now: 20 });
  s.finds("nothing is wrong with it");
}
{
  const s = story("open, and never allowed");
  for (let i = 0; i < 3; i += 1) s.created("alice");
  const never = s.created("erin", {}, { at: 5 });
  s.finds("what the policy does not allow is found as that, and is not open", ["OVERRIDE_NOT_ALLOWED", never]);
}

// extensions
{
  const s = story("extension");
  const one = s.created("alice");
  s.asks("may go on", { ...allowed, supersedes: one.id });
  s.asks("of another person's, by the same rule", { ...allowed, by: "carol", supersedes: one.id });
  s.asks("by one whom the rule does not name", { ...refused("who"), by: "erin", supersedes: one.id });
  s.asks("of another stage", { ...refused("not-extendable"), stage: "docs", supersedes: one.id });
  s.asks("as another action", { ...refused("not-extendable"), action: "force", supersedes: one.id });
  s.asks("in another place", { ...refused("not-extendable"), scope: { branches: ["dev"] }, supersedes: one.id });
  s.asks("for forks too", { ...refused("not-extendable"), scope: { branches: ["main"], forks: true }, supersedes: one.id });
  s.asks("of what is not in the log", { ...refused("not-extendable"), supersedes: "ovr_zzzzzzzzzzzzzzzz" });
  s.asks("to just as long as allowed in all", { ...allowed, supersedes: one.id, duration: 2 * hour });
  s.asks("to a second more", { ...refused("extended-too-long"), supersedes: one.id, duration: 2 * hour + 1 });
  const two = s.created("alice", { supersedes: one.id, nbf: t0 + hour }, { at: 10 });
  s.finds("an extension that is in order");
  s.expect("the old one is in force, the new one is for later", { outcome: "skip", exit: 0, objections: { [two.seq]: ["not-started"] }, now: 20 });
  s.expect("and then the other way round", { outcome: "skip", exit: 0, objections: { [one.seq]: ["expired"] }, now: hour });
  const three = s.created("alice", { supersedes: two.id, nbf: t0 + 2 * hour }, { at: 20 });
  s.asks("a third time", { ...refused("too-many-extensions", "extended-too-long"), supersedes: three.id, now: 30 });
  s.asks("a third time, of the first", { ...refused("too-many-extensions", "extended-too-long"), supersedes: one.id, now: 30 });
  s.asks("the line is one of three that may be open", { ...allowed, now: 30 });
  const four = s.created("alice", { supersedes: one.id, nbf: t0 + hour }, { at: 40 });
  s.finds("too often, and too long", [EXTENDED, four], [EXTENDED, four]);
}
{
  const s = story("extensions that are none");
  const one = s.created("alice");
  const other = s.created("alice", { supersedes: one.id, scope: { branches: "*" } });
  s.finds("of a wider scope", [INVALID, other]);
  const third = s.created("alice", { ...stage("docs"), supersedes: one.id });
  s.finds("of another stage", [INVALID, other], [INVALID, third]);
  const unknown = s.created("carol", { supersedes: "ovr_zzzzzzzzzzzzzzzz" });
  s.finds("of what is not in the log", [INVALID, other], [INVALID, third], [INVALID, unknown]);
  s.asks("what only claims to be one is counted for itself", { ...refused("too-many-open"), by: "carol" });
}
for (const [name, end] of [
  ["revoked", (s, one) => s.revoked("bob", one, { at: 5 })],
  ["denied", (s, one) => s.denied("bob", one, { at: 5 })],
]) {
  const s = story(`extension of what was ${name}`);
  const one = s.created("alice", payments);
  s.asks("before", { ...pending, stage: "payments", supersedes: one.id, now: 3 });
  end(s, one);
  s.asks("after", { ...refused("not-extendable"), stage: "payments", supersedes: one.id });
  const two = s.created("alice", { ...payments, supersedes: one.id }, { at: 10 });
  s.finds("forced into the log", [INVALID, two]);
  s.expect("it waits for approvals of its own", {
    outcome: "enforced",
    exit: 11,
    objections: { [one.seq]: name === "revoked" ? ["revoked", "approvals"] : ["denied", "approvals"], [two.seq]: ["approvals"] },
    now: 20,
    subject: { stage: "payments" },
  });
}

// what cannot be undone
{
  const s = story("irreversible");
  const migrate = stage("migrate");
  const job = { subject: { stage: "migrate" } };
  s.asks("waits for its approvals", { ...pending, stage: "migrate" });
  s.asks("in an emergency", { ...refused("irreversible"), stage: "migrate", emergency: true, duration: 600 });
  s.asks("a hold, at once", { ...allowed, stage: "migrate", action: "hold" });
  const one = s.created("alice", { ...migrate, emergency: true, duration: 600 });
  s.expect("an emergency is not in force", { outcome: "enforced", exit: 11, objections: { [one.seq]: ["irreversible"] }, ...job });
  s.finds("an emergency that was forced into the log", ["OVERRIDE_NOT_ALLOWED", one]);
  const two = s.created("alice", migrate, { at: 20 });
  s.approved("bob", two, { at: 30 });
  s.expect("an approved one is", { outcome: "skip", exit: 0, objections: { [one.seq]: ["irreversible"] }, ...job, now: 40 });
  s.created("alice", { ...migrate, action: "hold" }, { at: 50 });
  s.expect("a hold stands above it", { outcome: "hold", exit: 11, objections: { [one.seq]: ["irreversible"] }, ...job, now: 60 });
}

write(outputOf(import.meta.url));
