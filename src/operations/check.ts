/**
 * Checking: the decision for one job, and the use that it must record before it may rely on it.
 *
 * An override for one use, or under a rule that demands a record, is granted only when the use
 * stands in the log, is the first, and the log up to it still permits.
 */
import { decide, settle, type Decision } from "../core/decide.ts";
import { asOptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { isBy, type Judged } from "../core/judge.ts";
import type { UnixSeconds } from "../core/policy.ts";
import type { Subject } from "../core/scope.ts";
import type { OverrideUsed, Statement, UseContext } from "../core/statement.ts";
import { counted, viewUpTo, type View } from "../core/view.ts";
import { write, type Writer } from "./write.ts";

export interface CheckRequest {
  readonly view: View;
  readonly subject: Subject;
  readonly now: () => UnixSeconds;
  /** The clock of the log's store, where it tells one. */
  readonly storeTime: () => UnixSeconds | null;
  /** How to record a use. It may throw; then the use is not granted, and why is told. */
  readonly recorder: () => Promise<Recorder>;
}

export interface Recorder {
  readonly writer: Writer;
  readonly context: UseContext;
  readonly title: (statement: Statement) => string;
  /** The exit status of the command, for a second use of the same run. */
  readonly result?: number;
}

/**
 * Decides, and records a use where the winning override needs one. Whatever is seen while the use
 * is recorded counts: a hold that came in between, a revocation, another run that was quicker.
 * @throws what makes the log unfit to be trusted; any other trouble only denies the use
 */
export async function check(request: CheckRequest): Promise<Decision> {
  const { subject, now, storeTime } = request;
  const denied = new Map<number, string>();
  let { view } = request;
  // each round denies one override, or goes on with a view in which others wrote meanwhile
  for (;;) {
    const decision = without(decide({ view, subject, now: now(), storeTime: storeTime() }), denied);
    if (decision.kind === "integrity") return decision;
    const [winner] = decision.inForce;
    if (winner?.needsUse !== true || hasUse(view, winner, subject)) return decision;
    const recorded = await recordUse(request, view, winner);
    if (recorded.kind === "denied") denied.set(winner.seq, recorded.why);
    else view = recorded.view;
  }
}

/** Whether this very run has already recorded its use of the override for the stage. */
export function hasUse(view: View, used: Judged, subject: Subject): boolean {
  return usesBy(view, used, subject).length > 0;
}

/** Whether this very run has also recorded how the command ended. */
export function hasResult(view: View, used: Judged, subject: Subject): boolean {
  return usesBy(view, used, subject).some(({ result }) => result !== undefined);
}

function usesBy(
  view: View,
  { statement, digest }: Judged,
  subject: Subject,
): readonly OverrideUsed[] {
  return view.where("override", statement.id).flatMap((reading) => {
    const use = counted(view, reading);
    return use?.statement.kind === "override.used" &&
      use.principal.kind === "ci" &&
      use.statement.digest === digest &&
      isBy(subject, use.statement.context)
      ? [use.statement]
      : [];
  });
}

type Recorded =
  /** The log up to the use, or the log as it is where the use is not wanted any more. */
  | { readonly kind: "seen"; readonly view: View }
  | { readonly kind: "denied"; readonly why: string };

async function recordUse(request: CheckRequest, view: View, winner: Judged): Promise<Recorded> {
  const { subject, now, storeTime } = request;
  const denied = (why: string): Recorded => ({ kind: "denied", why });
  if (subject.run === null) {
    return denied("this is not a job of a forge, so there is no run to record");
  }
  try {
    const recorder = await request.recorder();
    const written = await writeUse(recorder, view, winner, (seen) => {
      const decision = decide({ view: seen, subject, now: now(), storeTime: storeTime() });
      return isFirst(decision, winner) && !hasUse(seen, winner, subject);
    });
    if (typeof written !== "number") return { kind: "seen", view: written };
    const after = viewUpTo(await recorder.writer.read(), written);
    return hasUse(after, winner, subject)
      ? { kind: "seen", view: after }
      : denied(`#${written} does not count as a use by this run`);
  } catch (thrown) {
    const error = asOptoutError(thrown);
    if (error.exit === exitStatus("integrity")) throw error;
    return denied(error.message);
  }
}

/** Records one use; returns its position, or the log as it is when it is no longer allowed. */
export async function writeUse(
  { writer, context, title, result }: Recorder,
  view: View,
  used: Judged,
  stillAllowed: (view: View) => boolean,
): Promise<number | View> {
  const written = await write(writer, view, {
    own: () => ({
      kind: "override.used",
      override: used.statement.id,
      digest: used.digest,
      context,
      decision: used.statement.action,
      ...(result === undefined ? {} : { result }),
    }),
    title,
    stillAllowed,
  });
  return written.kind === "withdrawn" ? written.view : written.seq;
}

function isFirst(decision: Decision, winner: Judged): boolean {
  return decision.kind === "decided" && decision.inForce[0]?.seq === winner.seq;
}

/**
 * The decision without the overrides whose use could not be recorded, and without what is less
 * protective than they: it would not have decided, had they been recorded.
 */
function without(decision: Decision, denied: ReadonlyMap<number, string>): Decision {
  if (decision.kind === "integrity") return decision;
  const at = decision.inForce.findIndex(({ seq }) => denied.has(seq));
  const first = decision.inForce[at];
  if (first === undefined) return decision;
  const inForce: Judged[] = [];
  const rejected: Judged[] = [];
  for (const [index, one] of decision.inForce.entries()) {
    const isLess = index > at && one.statement.action !== first.statement.action;
    const why = denied.get(one.seq) ?? (isLess ? `#${first.seq} is before it` : null);
    if (why === null) inForce.push(one);
    else rejected.push({ ...one, objections: [{ code: "use-not-recorded", why }] });
  }
  return {
    ...decision,
    ...settle(inForce, [...decision.rejected, ...rejected], decision.freeze),
  };
}
