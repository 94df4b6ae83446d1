/**
 * The program as one file, and as an executable with a Node inside: what docs/one-file.md says, typed
 * in a clone where nothing of the package is.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  makeClone,
  makeTeam,
  must,
  ROOT,
  run,
  writeFiles,
  type Place,
  type Team,
} from "../support/stage.ts";

const newNode = join(ROOT, "test", "nodes", "node_modules", "node26", "bin", "node");
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  version: string;
};

/** The blocks of the page, each as a script. */
const [oneFile = "", executable = ""] = [
  ...readFileSync(join(ROOT, "docs", "one-file.md"), "utf8").matchAll(/^```sh\n([\s\S]*?)^```$/gm),
].map(([, script = ""]) => script);

let team: Team;
let place: Place;

beforeAll(async () => {
  team = await makeTeam();
  place = await makeClone(team.stage, "no-package");
  copyFileSync(join(ROOT, "release", "optout.cjs"), join(place.directory, "optout.cjs"));
  writeFiles(place, { "lint.sh": "#!/bin/sh\necho linting\nexit 7\n" });
  chmodSync(join(place.directory, "lint.sh"), 0o755);
});

afterAll(() => team.stage.remove());

describe("one file", () => {
  it("runs the stage, and leaves it out under a skip", async () => {
    expect(await run(place, "sh", ["-c", oneFile])).toMatchObject({
      status: 7,
      stdout: expect.stringContaining("linting") as string,
    });

    await must(team.stage.laptop, ["skip", "lint", "-m", "the image is broken"]);
    const skipped = await run(place, "sh", ["-c", oneFile]);
    await must(team.stage.laptop, ["revoke", "lint"]);

    expect([skipped.status, skipped.stdout]).toEqual([0, ""]);
  });

  it("knows its version, whatever package it lies in", async () => {
    writeFiles(place, { "package.json": '{"version":"9.9.9"}' });

    expect((await run(place, "node", ["optout.cjs", "--version"])).stdout).toBe(
      `${manifest.version}\n`,
    );
  });

  it("ends with a failure when it has no answer", async () => {
    const { status } = await run(place, "node", ["optout.cjs", "check", "no-such-stage"]);

    expect(status).toBe(2);
  });
});

describe.skipIf(!existsSync(newNode))("one executable (needs npm ci in test/nodes)", () => {
  it("is built as the page says, and answers without a Node on the PATH", async () => {
    const shelf = join(place.home, "shelf");
    mkdirSync(shelf);
    symlinkSync(newNode, join(shelf, "node"));
    const env = { PATH: [shelf, process.env["PATH"] ?? ""].join(delimiter) };
    expect(await run(place, "sh", ["-e", "-c", executable], { env })).toMatchObject({ status: 0 });

    const bare = { PATH: "/usr/bin:/bin" };
    expect((await run(place, "./optout", ["--version"], { env: bare })).stdout).toBe(
      `${manifest.version}\n`,
    );
    expect((await run(place, "./optout", ["check", "unit-tests"], { env: bare })).status).toBe(10);
  });
});
