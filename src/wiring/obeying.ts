/**
 * Which form of asking obeys which action: what a job does once it has the answer.
 */
import { actions, type Action } from "../core/policy.ts";
import { conditionHolds } from "./gitlab-condition.ts";
import type { Ask, AskForm, CiJob, Condition, Wiring } from "./wiring.ts";

type Asking = Pick<Ask, "form" | "action">;

/** A check tells of one action alone; that a command runs all the same is what a force wants. */
const checked = ({ action = "skip" }: Asking): readonly Action[] =>
  actions.filter((one) => one === action || one === "force");
const all = (): readonly Action[] => actions;

const obeyed: Readonly<Record<AskForm, (ask: Asking) => readonly Action[]>> = {
  run: all,
  component: all,
  gate: all,
  action: all,
  check: checked,
  "check-or": checked,
};

/** What the form obeys by itself; of a gate's answer, the jobs behind it have to do the same. */
export const obeyedBy = (ask: Asking): readonly Action[] => obeyed[ask.form](ask);

/** Whether others do what it was answered. */
export const asksForOthers = ({ form }: Asking): boolean => form === "gate" || form === "action";

/** Answers of a gate that say: not now. */
export type StopWord = "hold" | "frozen";

/**
 * The condition by which a gate's `skip` leaves the job out, or one of its steps, and which does not
 * do so for `word`; null where it has none, or asks for itself, or may do so where nobody can see it.
 */
export function passing(
  word: StopWord,
  stage: string,
  job: CiJob,
  wiring: Wiring,
): Condition | null {
  if (isUnseen(job, wiring) || asksItself(stage, job, wiring)) return null;
  const starts = (one: Condition, answer: string): boolean => mayStart(one.text, stage, answer);
  if (job.condition !== null && !starts(job.condition, word)) return null;
  return job.conditions.find((one) => !starts(one, "skip") && starts(one, word)) ?? null;
}

function asksItself(stage: string, job: CiJob, { jobs }: Wiring): boolean {
  const reached = new Set([job]);
  // a set takes in what is added while it is gone through
  for (const { calls } of reached) {
    for (const one of jobs) if (calls !== null && one.file === calls) reached.add(one);
  }
  return [...reached].some(({ asks }) =>
    asks.some((ask) => ask.form === "run" && (ask.stage === stage || ask.stage === null)),
  );
}

/** One that calls a workflow of another repository. */
const isUnseen = ({ file, uses }: CiJob, { unseen }: Wiring): boolean =>
  unseen.some((one) => one.file === file && uses.some(({ line }) => line === one.line));

/** Characters beyond which a condition is not judged. */
const maxLength = 4_000;

/** A function's value, or a member of a context; negated or not, nobody knows it beforehand. */
const other = /!?\s*(?<![\w$'-])[a-z]\w*(?:\s*\([^()]*\)|[\w-]*(?:\.[\w*-]+|\['[^']*'\])+)/gi;

/** Whether GitHub's condition may hold, given what the gate says of the stage. */
function mayStart(text: string, stage: string, answer: string): boolean {
  if (!text.includes(stage) || text.length > maxLength) return true;
  const id = stage.replaceAll(/[^\w-]/g, String.raw`\$&`);
  const output = new RegExp(
    String.raw`(?:fromJSON\([^()]*\)|(?:needs|steps)[\w.[\]'-]*?\.outputs)(?:\.${id}(?![\w-])|\['${id}'\])`,
    "gi",
  );
  const plain = text
    .replace(/^\$\{\{([^]*)\}\}\s*$/, "$1")
    .replaceAll(output, "$ANSWER")
    .replaceAll(other, "$OTHER");
  return conditionHolds(plain, (name) => (name === "ANSWER" ? answer : undefined)) !== "no";
}
