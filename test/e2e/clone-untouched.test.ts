/**
 * The user's clone stays byte for byte as it was, whatever is run in it: settings, refs, index, HEAD,
 * stash, `shallow`, work tree, and the times of all of them. What optout keeps is in `.git/optout`.
 */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  git,
  makePlace,
  makeTeam,
  must,
  optout,
  push,
  snapshotOf,
  writeFiles,
  type Place,
  type Team,
} from "../support/stage.ts";

let team: Team;

beforeAll(async () => {
  team = await makeTeam();
  const { laptop } = team.stage;
  writeFiles(laptop, { "src/one.ts": "1\n" });
  await push(laptop, "More");
  // for whatever asks about an override that is there
  await must(laptop, ["skip", "unit-tests", "-m", "registry is down", "--branch", "main"]);
});

afterAll(() => team.stage.remove());

/** Alice's machine, with another clone of the remote. */
async function clone(name: string, ...flags: readonly string[]): Promise<Place> {
  const { stage } = team;
  const place = { ...makePlace(stage, name), env: {} };
  await git(place, ["clone", "-q", ...flags, `file://${stage.remote}`, "."]);
  return { ...place, env: { XDG_DATA_HOME: join(stage.laptop.home, "data") } };
}

/** Work in progress, and everything in a clone that could be set off by a careless git. */
async function leaveWorkIn(place: Place): Promise<void> {
  const { directory, home } = place;
  writeFiles(place, { "README.md": "# stashed\n" });
  await git(place, ["stash", "push", "-q"]);
  writeFiles(place, { "README.md": "# changed\n", "src/two.ts": "untracked\n" });
  writeFiles(place, { "src/three.ts": "staged\n" });
  await git(place, ["add", "src/three.ts"]);
  await git(place, ["tag", "v1"]);
  const hooks = join(home, "hooks");
  mkdirSync(hooks, { recursive: true });
  const names = [
    "pre-push",
    "post-checkout",
    "reference-transaction",
    "post-index-change",
    "watch",
  ];
  for (const name of names) {
    writeFileSync(join(hooks, name), `#!/bin/sh\ntouch '${directory}/../${name}-ran'\n`);
    chmodSync(join(hooks, name), 0o755);
  }
  await git(place, ["status"]);
  await git(place, ["config", "core.hooksPath", hooks]);
  await git(place, ["config", "core.fsmonitor", join(hooks, "watch")]);
  await git(place, ["config", "fetch.prune", "true"]);
}

const kinds: readonly (readonly [string, () => Promise<Place>])[] = [
  ["full", () => clone("full")],
  ["shallow", () => clone("shallow", "--depth=1")],
  [
    "detached",
    async () => {
      const place = await clone("detached");
      await git(place, ["checkout", "-q", "--detach", "HEAD~1"]);
      return place;
    },
  ],
];

const lines: readonly (readonly [string, number])[] = [
  ["check license --branch main", 10],
  ["check unit-tests --branch main", 0],
  ["run lint --branch main -- true", 0],
  ["skip lint -m lint-image-answers-500 --branch main --dry-run", 0],
  ["skip lint -m lint-image-answers-500 --branch main", 0],
  ["hold deploy-prod -m migration-is-running --branch main", 0],
  ["check lint --branch main", 0],
  ["run lint --branch main -- false", 0],
  ["run deploy-prod --branch main -- true", 3],
  ["status", 0],
  ["history", 0],
  ["show 2", 0],
  ["whoami", 0],
  ["undo", 0],
  ["revoke lint -m image-is-repaired", 0],
  ["verify", 0],
  ["policy check", 0],
  ["policy explain lint --branch main", 0],
  ["policy can-i skip lint --branch main", 0],
  ["init --yes", 0],
  ["keys list", 0],
  ["skip lnt -m lint-image-answers-500", 2],
  ["show 4711", 2],
  ["", 0],
];

describe.each(kinds)("a %s clone", (kind, make) => {
  let place: Place;
  let before: Record<string, string>;

  beforeAll(async () => {
    place = await make();
    await leaveWorkIn(place);
    // init writes the schema beside the policy, which is what it is for
    await must(place, ["init", "--yes"]);
    before = snapshotOf(place.directory);
  });

  it.each(lines)("is left as it was by `optout %s`", async (line, exit) => {
    const { status, stderr } = await optout(place, line === "" ? [] : line.split(" "));

    expect({ status, stderr: status === exit ? "" : stderr }).toEqual({ status: exit, stderr: "" });
    expect(snapshotOf(place.directory)).toEqual(before);
  });

  it("runs none of its hooks", () => {
    const ran = (name: string): boolean => existsSync(join(place.directory, "..", `${name}-ran`));

    expect(["pre-push", "post-checkout", "reference-transaction", "watch"].filter(ran)).toEqual([]);
  });

  it("is whole afterwards, and can be fetched into as ever", async () => {
    for (const name of ["core.hooksPath", "core.fsmonitor"]) {
      await git(place, ["config", "--unset", name]);
    }
    expect(await git(place, ["fsck", "--no-dangling"])).toBe("");
    expect(await git(place, ["stash", "list"])).toContain("stash@{0}");
    expect(await git(place, ["rev-parse", "--is-shallow-repository"])).toBe(
      kind === "shallow" ? "true" : "false",
    );
    await git(place, ["fetch", "-q", ...(kind === "shallow" ? ["--unshallow"] : [])]);
    expect(await git(place, ["rev-list", "--count", "origin/main"])).toBe("3");
  });
});

describe("a linked work tree", () => {
  it("and the clone it belongs to are left as they were", async () => {
    const main = await clone("linked-main");
    const place = makePlace(team.stage, "linked");
    const linked = { ...main, directory: place.directory };
    await git(main, ["worktree", "add", "-q", "-b", "topic", linked.directory]);
    await must(linked, ["init", "--yes"]);
    const before = { main: snapshotOf(main.directory), linked: snapshotOf(linked.directory) };

    await must(linked, ["skip", "lint", "-m", "lint image answers 500"]);
    const check = await optout(linked, ["check", "lint"]);
    await must(linked, ["undo"]);

    expect(check.status).toBe(0);
    const after = { main: snapshotOf(main.directory), linked: snapshotOf(linked.directory) };
    expect(after).toEqual(before);
  });
});
