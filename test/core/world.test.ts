/**
 * The world of the tests is what they take it for. Most tests make one before they begin, where a
 * fault is none that a test fails by; here it is.
 */
import { expect, it } from "vitest";
import { decide } from "../../src/core/decide.ts";
import { fuzzedWorld } from "../fuzz/inputs.ts";
import { production, subjectOf, t0, World } from "../support/world.ts";

it("a world's statements are genuine, whatever their kind", () => {
  const world = fuzzedWorld();

  const verdicts = world.view().readings.map((reading) => reading.fault ?? reading.verdict().kind);

  expect(verdicts.toSorted()).toEqual(
    ["beginning", ...verdicts.slice(2).map(() => "genuine"), "note"].toSorted(),
  );
});

it("a world's policy lets its people opt out, approve and hold", () => {
  const world = new World();
  const scope = { branches: ["main"], environment: "production" };
  world.created("alice", { target: { type: "stage", name: "lint" } });
  const gate = world.created("alice", { target: { type: "stage", name: "prod-gate" }, scope });
  world.approved("bob", gate);
  world.approved("carol", gate);
  world.created("dora", { action: "hold", target: { type: "stage", name: "deploy-prod" }, scope });

  const outcomes = ["lint", "prod-gate", "deploy-prod"].map((stage) => {
    const subject = subjectOf({ stage, ...(stage === "lint" ? {} : production) });
    const decision = decide({ view: world.view(), subject, now: t0 + world.clock });
    return decision.kind === "decided" ? decision.outcome : decision.code;
  });

  expect(outcomes).toEqual(["skip", "skip", "hold"]);
});
