/**
 * The JSON of a decision: what was asked, what is in force, and why everything else is not.
 */
import type { Decision, Outcome } from "../core/decide.ts";
import type { Judged } from "../core/judge.ts";
import type { Objection } from "../core/objection.ts";
import type { Freeze } from "../core/policy.ts";
import type { Subject } from "../core/scope.ts";
import { formatUtc } from "../core/time.ts";
import { headOf, type View } from "../core/view.ts";
import { objectionWords } from "./objection-words.ts";
import { contextIn, overrideJson, type OverrideJson, type Source } from "./override-json.ts";
import { redact } from "./redact.ts";

export interface DecisionJson {
  readonly kind: "optout/decision";
  readonly v: 1;
  readonly stage: string;
  readonly decision: Outcome | "integrity";
  /** The freeze of the policy that the stage is under. */
  readonly freeze: { readonly id: string; readonly line: number } | null;
  readonly exit: number;
  /** The one that decides. */
  readonly override: OverrideJson | null;
  /** In force too, and less protective. */
  readonly outranked: readonly OverrideJson[];
  readonly rejected: readonly RejectedJson[];
  readonly subject: Subject;
  readonly policy: { readonly digest: string; readonly commit: string };
  readonly log: {
    readonly store: string;
    readonly head: { readonly seq: number; readonly hash: string } | null;
  };
}

interface RejectedJson {
  readonly id: string;
  readonly seq: number;
  readonly objections: readonly ObjectionJson[];
}

/** The code, a sentence, and the members that the code brings with it; lengths are in seconds. */
export interface ObjectionJson {
  /** Of `Objection`. */
  readonly code: string;
  readonly message: string;
  readonly [member: string]: unknown;
}

export interface DecisionContext {
  readonly decision: Decision;
  readonly subject: Subject;
  /** What `check` exits with. */
  readonly exit: number;
  /** What was decided on. */
  readonly view: View;
  readonly source: Source;
}

export function decisionJson(context: DecisionContext): DecisionJson {
  const { decision, subject, exit, view, source } = context;
  const { outcome, freeze, inForce, rejected } = decidedOf(decision);
  const [override = null, ...outranked] = inForce.map((judged) =>
    overrideJson({ judged, state: "in-force" }, contextIn(view, judged, source)),
  );
  return {
    kind: "optout/decision",
    v: 1,
    stage: subject.stage,
    decision: outcome,
    freeze: freeze === null ? null : { id: freeze.id, line: freeze.line },
    exit,
    override,
    outranked,
    rejected: rejected.map(rejectedJson),
    subject,
    policy: { digest: view.policy.digest, commit: source.policyCommit },
    log: { store: source.storeName, head: headOf(view) },
  };
}

interface Decided {
  readonly outcome: DecisionJson["decision"];
  readonly freeze: Freeze | null;
  readonly inForce: readonly Judged[];
  readonly rejected: readonly Judged[];
}

/** Of a log that cannot be trusted nothing is told; the error says what is wrong with it. */
function decidedOf(decision: Decision): Decided {
  return decision.kind === "decided"
    ? decision
    : { outcome: "integrity", freeze: null, inForce: [], rejected: [] };
}

function rejectedJson({ statement, seq, objections }: Judged): RejectedJson {
  return { id: statement.id, seq, objections: objections.map(objectionJson) };
}

/** An objection as JSON; times in it are RFC 3339. */
export function objectionJson(objection: Objection): ObjectionJson {
  const { code, ...data } = objection;
  return { code, message: objectionWords(objection, "it"), ...data, ...rewritten(objection) };
}

/** The members that JSON shows in another form than the objection holds them. */
function rewritten(objection: Objection): Readonly<Record<string, string>> {
  if (objection.code === "expired") return { end: formatUtc(objection.end) };
  if (objection.code === "not-started") return { start: formatUtc(objection.start) };
  if (objection.code === "use-not-recorded") return { why: redact(objection.why) };
  return {};
}
