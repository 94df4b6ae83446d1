/** Scope and subject, and which rule judges: docs/format.md, "Scope". */
import { describe, expect, it } from "vitest";
import {
  covers,
  isFor,
  placesOf,
  ruleFor,
  rulesAbout,
  rulesFor,
  type Subject,
} from "../../src/core/scope.ts";
import { production, subjectOf, World } from "../support/world.ts";

const sha = "b".repeat(40);
const covered = (scope: Parameters<typeof covers>[0], own: Partial<Subject>): boolean =>
  covers(scope, subjectOf(own));

describe("a scope does not cover a subject", () => {
  it.each([
    ["another branch", { branches: ["main"] }, { branch: "dev" }],
    ["a branch in other letters", { branches: ["main"] }, { branch: "Main" }],
    ["a branch with a longer name", { branches: ["main"] }, { branch: "main2" }],
    ["a head of the branch's name", { branches: ["main"] }, { branch: "dev", head: "main" }],
    [
      "a tag of the branch's name",
      { branches: ["main"] },
      { branch: null, head: null, tag: "main" },
    ],
    ["a branch of the tag's name", { tags: ["v1"] }, { branch: "v1", head: "v1" }],
    [
      "a branch of the head's name, into which others are merged",
      { heads: ["dev"] },
      { branch: "dev", head: "fix" },
    ],
    [
      "a fork's branch of the head's name, for a fork has no head",
      { heads: ["dev"] },
      { head: null, fork: true },
    ],
    ["another commit", { branches: ["main"], sha }, { sha: "c".repeat(40) }],
    ["no known commit", { branches: ["main"], sha }, { sha: null }],
    ["another pull request", { branches: ["main"], pr: 7 }, { pr: 8 }],
    ["no pull request", { branches: ["main"], pr: 7 }, { pr: null }],
    [
      "another environment",
      { branches: ["main"], environment: "staging" },
      { environment: "production" },
    ],
    ["an environment that it does not name", { branches: ["main"] }, { environment: "production" }],
    ["no environment, where it names one", { branches: ["main"], environment: "staging" }, {}],
    ["a fork", { branches: ["main"] }, { head: null, fork: true }],
    ["a fork, though every branch is covered", { branches: "*" as const }, { fork: true }],
    ["a fork, where it says no", { branches: ["main"], forks: false }, { fork: true }],
    [
      "nowhere, where it has lists that do not fit",
      { branches: ["a"], heads: ["b"], tags: ["c"] },
      {},
    ],
  ])("of %s", (_what, scope, own) => {
    expect(covered(scope, own)).toBe(false);
  });
});

describe("a scope covers", () => {
  it.each([
    ["a push to its branch", { branches: ["main"] }, {}],
    ["a pull request into its branch", { branches: ["main"] }, { head: "fix", pr: 3 }],
    ["a push of its head", { heads: ["fix"] }, { branch: "fix", head: "fix" }],
    [
      "a pull request from its head into any branch",
      { heads: ["fix"] },
      { branch: "release/1", head: "fix" },
    ],
    ["its tag", { tags: ["v1"] }, { branch: null, head: null, tag: "v1" }],
    ["every branch by *", { branches: "*" as const }, { branch: "anything" }],
    [
      "tags by * too, as it is no condition on the branch at all",
      { branches: "*" as const },
      { branch: null, head: null, tag: "v1" },
    ],
    ["one of several", { branches: ["a", "main"], tags: ["v1"] }, {}],
    ["its commit", { branches: ["main"], sha }, { sha }],
    ["its pull request", { branches: ["main"], pr: 7 }, { pr: 7 }],
    ["its environment", { branches: ["main"], environment: "staging" }, { environment: "staging" }],
    ["forks where it says so", { branches: ["main"], forks: true }, { head: null, fork: true }],
    ["others too where it allows forks", { branches: ["main"], forks: true }, {}],
  ])("%s", (_what, scope, own) => {
    expect(covered(scope, own)).toBe(true);
  });
});

describe("a hold", () => {
  const scope = { branches: ["main"] };

  it("that names no environment is for jobs in any", () => {
    expect(isFor({ action: "hold", scope }, subjectOf(production))).toBe(true);
    expect(isFor({ action: "hold", scope }, subjectOf())).toBe(true);
    expect(isFor({ action: "skip", scope }, subjectOf(production))).toBe(false);
  });

  it("that names one is for that one", () => {
    const staging = { ...scope, environment: "staging" };

    expect(isFor({ action: "hold", scope: staging }, subjectOf(production))).toBe(false);
    expect(isFor({ action: "hold", scope: staging }, subjectOf())).toBe(false);
  });
});

describe("the rule that judges", () => {
  const rules = (text: string): World =>
    new World({
      policy: (whole) => whole.replace(/^rules:\n[^]*?(?=^may_revoke)/m, `rules:\n${text}`),
    });
  const rule = (id: string, match: string): string =>
    `  - { id: ${id}, match: { ${match} }, actions: [skip], who: [oncall], longest: 1h }\n`;
  const chosen = (world: World, own: Partial<Subject>): string | null =>
    ruleFor(world.policy, subjectOf(own))?.id ?? null;

  it("is none for a stage that the policy does not know", () => {
    expect(chosen(rules(rule("all", "")), { stage: "lint2" })).toBeNull();
  });

  it("is none where no rule fits the receiving branch", () => {
    const world = rules(rule("main", "branches: [main]"));

    expect(chosen(world, { branch: "dev" })).toBeNull();
  });

  it("is none of those that name branches, for a tag", () => {
    const world = rules(rule("any", 'branches: ["**"]'));

    expect(chosen(world, { branch: null, head: null, tag: "v1" })).toBeNull();
  });

  it("is none of those that name environments, where there is none", () => {
    const world = rules(rule("any", 'environments: ["**"]'));

    expect(chosen(world, {})).toBeNull();
  });

  it("is the first that fits, though a later one fits better", () => {
    const world = rules(rule("first", "kind: quality") + rule("second", "stages: [lint]"));

    expect(chosen(world, {})).toBe("first");
  });

  it("is a later one where the first does not fit in all of its parts", () => {
    const world = rules(
      rule("first", 'kind: quality, branches: ["release/*"]') + rule("second", "kind: quality"),
    );

    expect(chosen(world, { branch: "main" })).toBe("second");
    expect(chosen(world, { branch: "release/1" })).toBe("first");
  });

  it.each([
    ["kind: [gate, quality]", {}],
    ['stages: ["li*"]', {}],
    ['branches: ["m*n"]', {}],
    ["environments: [production]", { environment: "production" }],
  ])("may match by %s", (match, own) => {
    expect(chosen(rules(rule("it", match)), own)).toBe("it");
  });

  it("matches the branch that receives the change, not the one that it comes from", () => {
    const world = rules(rule("it", "branches: [main]"));

    expect(chosen(world, { branch: "dev", head: "main" })).toBeNull();
    expect(chosen(world, { branch: "main", head: "dev" })).toBe("it");
  });
});

describe("the rules about a stage", () => {
  const about = (id: string, ...matches: readonly string[]): readonly string[] => {
    const rule = (match: string): string =>
      `  - { id: ${match.replaceAll(/[^a-z]+/g, "-").slice(0, 20)}, match: { ${match} }, actions: [skip], who: [oncall], longest: 1h }\n`;
    const rules = `rules:\n${matches.map(rule).join("")}`;
    const world = new World({
      policy: (whole) => whole.replace(/^rules:\n[^]*?(?=^may_revoke)/m, rules),
    });
    const stage = world.policy.stages.get(id);
    return stage === undefined ? [] : rulesAbout(world.policy, stage).map((one) => one.id);
  };

  it("are those that fit it in some place, in their order", () => {
    expect(about("lint", "branches: [main]", "kind: deploy", "stages: [lint]")).toEqual([
      "branches-main-",
      "stages-lint-",
    ]);
  });

  it("end with the one that fits it in every place", () => {
    expect(about("lint", "kind: quality", "stages: [lint]")).toEqual(["kind-quality"]);
  });

  it("fit the environment of a stage that has one", () => {
    const rules = ["environments: [staging]", "environments: [production]"];

    expect(about("prod-gate", ...rules)).toEqual(["environments-product"]);
    expect(about("lint", ...rules)).toEqual(["environments-staging", "environments-product"]);
  });
});

describe("the places of a scope", () => {
  it("are one for each branch, head and tag that it names", () => {
    const places = placesOf(
      "lint",
      { branches: ["main", "dev"], heads: ["fix"], tags: ["v1"] },
      "main",
    );

    expect(places.map(({ name }) => name)).toEqual(["main", "dev", "fix", "v1"]);
  });

  it("are one for all branches, judged by the default branch", () => {
    const [place, ...others] = placesOf("lint", { branches: "*" }, "trunk");

    expect([place?.subjects.map(({ branch }) => branch), others]).toEqual([["trunk"], []]);
  });

  it("show a head by its own push and by its pull request into the default branch", () => {
    const [place] = placesOf("lint", { heads: ["fix"] }, "main");

    expect(place?.subjects.map(({ branch, head }) => [branch, head])).toEqual([
      ["fix", "fix"],
      ["main", "fix"],
    ]);
  });

  it("are subjects that the scope covers", () => {
    const scope = {
      branches: ["main"],
      heads: ["fix"],
      tags: ["v1"],
      sha,
      pr: 7,
      environment: "e",
    };

    const subjects = placesOf("lint", scope, "main").flatMap((place) => place.subjects);

    expect(subjects.every((subject) => covers(scope, subject))).toBe(true);
  });
});

describe("the rules that judge something in the places of its scope", () => {
  const { policy } = new World({
    policy: (text) =>
      text.replace(
        "rules:\n",
        "rules:\n  - { id: trunk, match: { kind: quality, branches: [trunk] }, actions: [skip], who: [oncall], longest: 1h }\n",
      ),
  });
  const ids = (stage: string, scope: Parameters<typeof covers>[0]): readonly string[] =>
    rulesFor(policy, { stage, scope }, "trunk").map(({ id }) => id);

  it("are of every place, each once", () => {
    expect(ids("lint", { branches: ["main", "trunk", "dev"] })).toEqual(["quality", "trunk"]);
  });

  it("are both of a head's push and of its pull request into the default branch", () => {
    expect(ids("lint", { heads: ["fix"] })).toEqual(["quality", "trunk"]);
  });

  it("are none where no rule fits", () => {
    expect(ids("nothing", { branches: ["main"] })).toEqual([]);
    expect(ids("prod-gate", { branches: ["dev", "main"] })).toEqual(["gates"]);
  });
});
