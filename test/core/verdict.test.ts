/** The verdict over the jobs of a workflow: what a result and a decision make of each other. */
import { describe, expect, it } from "vitest";

import { OptoutError } from "../../src/core/errors.ts";
import { jobResults, judgeJobs, readNeeds, type JobResult } from "../../src/core/verdict.ts";
import { problem } from "../support/problem.ts";

const outcomes = ["skip", "allow-failure", "force", "hold", "enforced"] as const;

/** Whether one job of that result is accepted. */
function isAccepted(result: JobResult, outcome: (typeof outcomes)[number] | undefined): boolean {
  const found = outcome === undefined ? [] : [["lint", outcome] as const];
  const [judged] = judgeJobs(
    new Map([["lint", result]]),
    [{ job: "lint", stage: "lint" }],
    new Map(found),
    [],
  );
  return judged?.isAccepted ?? false;
}

describe("a job of a stage", () => {
  it("is accepted with exactly these decisions", () => {
    const accepted = jobResults.map((result) => [
      result,
      outcomes.filter((outcome) => isAccepted(result, outcome)),
    ]);

    expect(Object.fromEntries(accepted)).toEqual({
      success: ["skip", "allow-failure", "force", "enforced"],
      failure: ["allow-failure"],
      cancelled: [],
      skipped: ["skip"],
    });
  });

  it("is accepted without a decision only when it succeeded", () => {
    expect(jobResults.filter((result) => isAccepted(result, undefined))).toEqual(["success"]);
  });

  it("is judged by its own stages, one line each, and no gate is among them", () => {
    const judged = judgeJobs(
      new Map([
        ["gate", "failure"],
        ["lint", "skipped"],
        ["test", "success"],
      ]),
      [
        { job: "lint", stage: "lint" },
        { job: "lint", stage: "license" },
        { job: "test", stage: "unit-tests" },
      ],
      new Map([["lint", "skip"]]),
      ["gate"],
    );

    expect(judged.map(({ job, stage, isAccepted: is }) => [job, stage, is])).toEqual([
      ["lint", "lint", true],
      ["lint", "license", false],
      ["test", "unit-tests", true],
    ]);
  });

  it("must be one of those that are needed", () => {
    const judge = (): unknown =>
      judgeJobs(new Map([["lint", "success"]]), [{ job: "test", stage: "lint" }], new Map(), []);

    expect(problem(judge)).toEqual({ code: "usage", message: 'needs names no job "test"' });
  });

  it("is judged for each stage that it is", () => {
    const judged = judgeJobs(
      new Map([["checks", "skipped"]]),
      [
        { job: "checks", stage: "lint" },
        { job: "checks", stage: "types" },
      ],
      new Map([["lint", "skip"]]),
      [],
    );

    expect(judged.map((one) => [one.stage, one.isAccepted])).toEqual([
      ["lint", true],
      ["types", false],
    ]);
  });
});

describe("a job without a stage", () => {
  it.each(jobResults)("is accepted only when it succeeded: %s", (result) => {
    const [judged] = judgeJobs(new Map([["build", result]]), [], new Map([["build", "skip"]]), []);

    expect(judged).toEqual({
      job: "build",
      stage: null,
      result,
      outcome: "enforced",
      isAccepted: result === "success",
    });
  });

  it.each(jobResults)("is passed over when it is the gate: %s", (result) => {
    const results = new Map<string, JobResult>([
      ["gate", result],
      ["lint", "success"],
    ]);

    expect(judgeJobs(results, [], new Map(), ["gate"]).map(({ job }) => job)).toEqual(["lint"]);
  });

  it("is judged although it is called a gate, when it is a stage", () => {
    const [judged] = judgeJobs(
      new Map([["gate", "skipped"]]),
      [{ job: "gate", stage: "gate" }],
      new Map(),
      ["gate"],
    );

    expect(judged?.isAccepted).toBe(false);
  });

  it("leaves nothing to judge when the gate is all there is", () => {
    expect(() => judgeJobs(new Map([["gate", "success"]]), [], new Map(), ["gate"])).toThrow(
      OptoutError,
    );
  });
});

describe("the needs of a workflow", () => {
  it("are read with their results, whatever stands beside them", () => {
    const text = JSON.stringify({
      lint: { result: "skipped", outputs: { a: "}" } },
      e2e: { result: "success" },
    });

    expect([...readNeeds(text)]).toEqual([
      ["lint", "skipped"],
      ["e2e", "success"],
    ]);
  });

  it.each([
    ["no JSON", "", "it is not JSON"],
    ["a list", "[]", "it is not an object"],
    ["null", "null", "it is not an object"],
    ["no job", "{}", "it names no job"],
    ["a job that is null", '{"lint":null}', 'the result of "lint" is none of'],
    ["a job without a result", '{"lint":{}}', 'the result of "lint" is none of'],
    ["an unknown result", '{"lint":{"result":"Success"}}', 'the result of "lint" is none of'],
    ["an inherited result", '{"lint":{"__proto__":{"result":"success"}}}', "is none of"],
  ])("are refused: %s", (_, text, why) => {
    expect(problem(() => readNeeds(text))).toMatchObject({
      code: "usage",
      message: expect.stringContaining(why) as string,
    });
  });
});
