/** Which override a person means. */
import { beforeEach, describe, expect, it } from "vitest";
import { standings, type State } from "../../src/core/state.ts";
import { findOverride } from "../../src/operations/find.ts";
import { day, t0, World, type Appended } from "../support/world.ts";

let world: World;
let lint: Appended;

beforeEach(() => {
  world = new World();
  lint = world.created("alice");
});

const find = (name: string, first: State = "in-force"): number =>
  findOverride(standings(world.view(), t0 + world.clock, "main"), name, {
    command: "revoke",
    first,
  }).judged.seq;

const unitTests = { target: { type: "stage", name: "unit-tests" } };

describe("no override is meant by", () => {
  it.each(["#99", "99", "ovr_zzz", "lint2", "Lint", "", "#", "stm_0000000000000001", "-1"])(
    "%j",
    (name) => {
      expect(() => find(name)).toThrow(expect.objectContaining({ code: "not-found" }));
    },
  );

  it("the number of a position that holds another statement", () => {
    expect(() => find("#1")).toThrow('no override answers to "#1"');
  });

  it("a stage of which everything is over", () => {
    world.clock = day;

    expect(() => find("lint")).toThrow(
      expect.objectContaining({
        code: "not-found",
        message: "no override of lint is in force or waits",
        hint: "optout history lint",
      }),
    );
  });
});

describe("an override is meant by", () => {
  it("its number, with or without #", () => {
    expect([find("#2"), find("2")]).toEqual([lint.seq, lint.seq]);
  });

  it("its id or any beginning of it that no other has", () => {
    world.created("alice");

    expect(find(lint.id)).toBe(lint.seq);
    expect(() => find("ovr_")).toThrow(expect.objectContaining({ code: "ambiguous" }));
  });

  it("its number, when it is long over", () => {
    world.clock = day;

    expect(find("2")).toBe(lint.seq);
  });

  it("the stage's name, when exactly one of it is in force", () => {
    const other = world.created("alice", unitTests);
    world.created("alice", { nbf: t0 + day });

    expect([find("lint"), find("unit-tests")]).toEqual([lint.seq, other.seq]);
  });

  it("the stage's name, when none is in force and one waits", () => {
    const later = world.created("alice", { ...unitTests, nbf: t0 + day });

    expect(find("unit-tests")).toBe(later.seq);
  });

  it("the stage's name, when exactly one of it is in the state that is meant first", () => {
    const deploy = {
      target: { type: "stage", name: "deploy-prod" },
      scope: { branches: ["main"], environment: "production" },
    };
    const waiting = world.created("alice", { ...deploy, pending_until: t0 + 3600 });
    const held = world.created("alice", { ...deploy, action: "hold" });

    expect([find("deploy-prod"), find("deploy-prod", "pending")]).toEqual([held.seq, waiting.seq]);
  });
});

it("several that answer to a name are named, with what to say instead", () => {
  const second = world.created("alice");

  expect(() => find("lint")).toThrow(
    expect.objectContaining({
      code: "ambiguous",
      message: `lint may mean #2 (${lint.id}), #3 (${second.id})`,
      hint: "optout revoke 2   (or another of them)",
    }),
  );
});
