/**
 * What `optout policy test` says: each case that failed with its line and the answer that came
 * instead; as JSON, and as the XML of JUnit that CI systems read.
 */
import { formatDuration } from "../core/duration.ts";
import type { CaseResult, PolicyAnswer } from "../core/policy-case.ts";
import { approvalWords } from "./approval-words.ts";
import { forTerminal, forXml } from "./escape.ts";
import { objectionWords } from "./objection-words.ts";
import { marked, type Paint } from "./paint.ts";
import { scopeWords } from "./scope-words.ts";

export interface TestReport {
  /** The files, as they were named. */
  readonly policy: string;
  readonly cases: string;
  readonly results: readonly CaseResult[];
}

/** `path:line:column` and what was expected, for each that failed; then how many passed. */
export function testLines({ policy, cases, results }: TestReport, paint: Paint): readonly string[] {
  const failed = results.filter(({ faults }) => faults.length > 0);
  const lines = failed.map((result) => {
    const { line, column } = result.tested.place;
    const where = `${forTerminal(cases)}:${line}:${column}`;
    return marked(
      paint,
      "violation",
      `${where} ${titleWords(result)}: ${faultWords(result, policy)}`,
    );
  });
  const count = `${results.length} case${results.length === 1 ? "" : "s"}`;
  const verdict =
    failed.length === 0
      ? marked(paint, "restored", `${forTerminal(policy)} answers as expected in ${count}`)
      : marked(paint, "violation", `${failed.length} of ${count} failed`);
  return [...lines, verdict];
}

/** The name that was given, else the question in words. */
function titleWords({ tested }: CaseResult): string {
  const { name, who, roles, action, stage, scope, duration, emergency } = tested;
  if (name !== null) return forTerminal(name);
  const asks = who ?? `somebody with ${(roles ?? []).join(", ")}`;
  const length = duration === null ? "" : ` for ${formatDuration(duration)}`;
  const how = emergency ? " in an emergency" : "";
  return forTerminal(`${asks}: ${action} ${stage} on ${scopeWords(scope)}${length}${how}`);
}

function faultWords({ tested, faults, answer }: CaseResult, policy: string): string {
  const found = answer === null ? "" : `, and the policy says: ${answerWords(answer, policy)}`;
  const words: Readonly<Record<CaseResult["faults"][number], string>> = {
    stage: `the policy knows no stage ${forTerminal(tested.stage)}`,
    who: `the policy knows nobody called ${forTerminal(tested.who ?? "")}`,
    answer: `${tested.expect} was expected`,
    rule: `rule ${tested.rule ?? ""} was expected to judge`,
    because: `it was expected to be refused because of ${(tested.because ?? []).join(", ")}`,
    approvals: `it was expected to need ${tested.approvals ?? 0} approval${tested.approvals === 1 ? "" : "s"}`,
  };
  return `${faults.map((fault) => words[fault]).join("; ")}${found}`;
}

/** `allowed by rule quality (line 21 of .optout/policy.yaml)`. */
function answerWords(answer: PolicyAnswer, policy: string): string {
  const at = (line: number): string => `(line ${line} of ${forTerminal(policy)})`;
  switch (answer.kind) {
    case "allowed":
      return `allowed by rule ${answer.rule.id} ${at(answer.rule.line)}`;
    case "pending":
      return `pending by rule ${answer.rule.id} ${at(answer.rule.line)}, needs ${approvalWords(answer.approvals)}`;
    case "frozen":
      return `frozen by ${answer.freeze.id} ${at(answer.freeze.line)}`;
    case "refused":
      return answer.refused
        .map(({ place, rule, objections }) => {
          const by = rule === null ? "no rule" : `rule ${rule.id} ${at(rule.line)}`;
          const why = objections.map((one) => objectionWords(one, "it")).join("; ");
          return `refused on ${forTerminal(place)} by ${by}: ${why}`;
        })
        .join("; ");
  }
}

export interface PolicyTestJson {
  readonly kind: "optout/policy-test";
  readonly v: 1;
  readonly ok: boolean;
  readonly policy: string;
  readonly cases: string;
  readonly results: readonly {
    readonly line: number;
    readonly title: string;
    readonly ok: boolean;
    readonly expected: PolicyAnswer["kind"];
    readonly answer: PolicyAnswer["kind"] | null;
    /** What was wrong; null where nothing was. */
    readonly message: string | null;
  }[];
}

export function testJson({ policy, cases, results }: TestReport): PolicyTestJson {
  return {
    kind: "optout/policy-test",
    v: 1,
    ok: results.every(({ faults }) => faults.length === 0),
    policy,
    cases,
    results: results.map((result) => ({
      line: result.tested.place.line,
      title: titleWords(result),
      ok: result.faults.length === 0,
      expected: result.tested.expect,
      answer: result.answer?.kind ?? null,
      message: result.faults.length === 0 ? null : faultWords(result, policy),
    })),
  };
}

/** One suite; `file` and `line` as GitLab and others show them. */
export function testJunit(report: TestReport): string {
  const { cases, results } = report;
  const failures = results.filter(({ faults }) => faults.length > 0).length;
  const attributes = `name="optout policy test" tests="${results.length}" failures="${failures}" errors="0"`;
  const rows = results.map((result) => junitCase(result, report));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes}>`,
    `  <testsuite ${attributes} file="${forXml(cases)}">`,
    ...rows,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function junitCase(result: CaseResult, { policy, cases }: TestReport): string {
  const { line } = result.tested.place;
  const file = forXml(cases);
  const own = `classname="${file}" name="${forXml(titleWords(result))}" file="${file}" line="${line}"`;
  if (result.faults.length === 0) return `    <testcase ${own}/>`;
  const message = forXml(faultWords(result, policy));
  return `    <testcase ${own}><failure message="${message}">${file}:${line}: ${message}</failure></testcase>`;
}
