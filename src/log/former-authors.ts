/**
 * Overrides whose author's key is not in the policy any more, or not hers. They decide nothing now, but
 * they happened: each is judged by the policy that it names, as far as the trusted ref bears that out,
 * as `verify` does. For looking back only.
 */
import { clockOf } from "../core/clock.ts";
import { createdAt } from "../core/judge.ts";
import type { Objection } from "../core/objection.ts";
import type { UnixSeconds } from "../core/policy.ts";
import { readPosition, type Reading, type Refusal } from "../core/reading.ts";
import { standingOf, stateOf, type Standing } from "../core/state.ts";
import { indexed, type View } from "../core/view.ts";
import { PoliciesOfThen, type PolicyHistory } from "./audit-policies.ts";

/** An override of then. */
export interface Former {
  readonly standing: Standing;
  /** What was said about it, each read by the policy that it names. */
  readonly view: View;
}

export interface FormerOverrides {
  /** In log order. */
  readonly proven: readonly Former[];
  /** Those that read as overrides, and that no recorded policy proves. */
  readonly unproven: readonly Reading[];
}

/** Why the policy of now refuses what one of then may have accepted. */
const nowRefused: ReadonlySet<Refusal> = new Set<Refusal>(["unknown-key", "owner", "ci"]);

/** Positions that read as overrides, by keys that the policy of now does not take for their authors'. */
export function readsAsFormer(view: View): readonly Reading[] {
  return view.where("kind", "override.created").filter((reading) => {
    const verdict = reading.verdict();
    return reading.fault === null && verdict.kind === "refused" && nowRefused.has(verdict.why);
  });
}

/**
 * The overrides in view whose authors the policy does not know any more.
 * @param history asked for only where there is such a one; what it cannot tell is unproven
 */
export async function formerOverrides(
  view: View,
  history: () => Promise<PolicyHistory>,
  now: UnixSeconds,
): Promise<FormerOverrides> {
  const readings = readsAsFormer(view);
  if (readings.length === 0) return { proven: [], unproven: [] };
  const past = await history();
  const policies = await policiesIn(view, past);
  const all = readings.map((reading) => ({
    reading,
    former: formerAt(view, policies, { reading, now, defaultBranch: past.defaultBranch }),
  }));
  return {
    proven: all.flatMap(({ former }) => former ?? []),
    unproven: all.flatMap(({ reading, former }) => (former === null ? [reading] : [])),
  };
}

async function policiesIn(view: View, history: PolicyHistory): Promise<PoliciesOfThen> {
  const holds: PolicyHistory["holds"] = (commit, digest) =>
    history.holds(commit, digest).catch(() => "unknown" as const);
  // verify reports what is no proof
  const policies = new PoliciesOfThen(view.policy, { ...history, holds }, () => undefined);
  for (const reading of view.where("kind", "policy.recorded")) await policies.learn(reading);
  return policies;
}

interface Asked {
  readonly reading: Reading;
  readonly now: UnixSeconds;
  readonly defaultBranch: string | null;
}

function formerAt(
  view: View,
  policies: PoliciesOfThen,
  { reading, now, defaultBranch }: Asked,
): Former | null {
  const then = viewOfThen(view, policies, reading);
  const own = then.at(reading.seq);
  const created = own === undefined ? null : createdAt(then, own);
  if (created === null) return null;
  const standing = standingOf(then, created, clockOf(view, now, null), defaultBranch);
  const { principal, key } = created.genuine;
  const gone: Objection = {
    code: "author-gone",
    by: principal.id,
    kid: key.kid,
    isKeyKnown: view.policy.keys.has(key.kid),
  };
  const judged = { ...standing.judged, objections: [gone, ...standing.judged.objections] };
  return { standing: { judged, state: stateOf(judged) }, view: then };
}

/** All that bears on one override, each statement read by the policy that it names. */
function viewOfThen(view: View, policies: PoliciesOfThen, { claim }: Reading): View {
  const id = claim?.id ?? "";
  const related = [
    ...view.where("id", id),
    ...view.where("override", id),
    ...view.where("about", id),
    ...view.where("kind", "key.revoked"),
  ];
  const inOrder = [...new Set(related)].toSorted((a, b) => a.seq - b.seq);
  const readings = inOrder.map((one) => {
    const previous = view.hashAt(one.seq - 1) ?? null;
    return readPosition(one.bytes, { seq: one.seq, previous }, policies.policyOf(one));
  });
  return {
    policy: policies.named(claim?.policy ?? ""),
    first: view.first,
    size: view.size,
    readings,
    at: (seq) => readings.find((reading) => reading.seq === seq),
    hashAt: (seq) => view.hashAt(seq),
    where: indexed(readings),
  };
}
