/**
 * What a job pays for: `check` and `run` are started thousands of times a day, and load a few files
 * and nothing of what only people need.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";

import { rolldown, type OutputOptions, type RolldownOutput } from "rolldown";
import { loadConfig } from "rolldown/config";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  git,
  makeClone,
  makePlace,
  makeStage,
  must,
  optout,
  parsed,
  push,
  ROOT,
  type More,
  type Place,
  type Stage,
} from "../support/stage.ts";

/** Writes down at the end what was loaded: files and packages, and the parts of Node itself. */
const recorder = `
const Module = require("node:module");
const { writeFileSync } = require("node:fs");
const load = Module._load;
const files = new Set();
Module._load = function (request, parent, isMain) {
  files.add(Module._resolveFilename(request, parent, isMain));
  return load.apply(this, arguments);
};
process.on("exit", () => {
  const loaded = { files: [...files], internals: process.moduleLoadList };
  writeFileSync(process.env.RECORD_TO, JSON.stringify(loaded));
});
`;

interface Loaded {
  readonly status: number;
  /** Of the package, relative to it. */
  readonly files: readonly string[];
  /** Parts of Node that were asked for by name. */
  readonly node: readonly string[];
  /** All parts of Node that were loaded, also by others. */
  readonly internals: readonly string[];
}

let stage: Stage;
let job: Place;
let local: Place;

beforeAll(async () => {
  stage = await makeStage();
  await must(stage.laptop, ["init", "--yes", "--stage", "lint", "--stage", "deploy-prod"]);
  await push(stage.laptop, "Add the optout policy");
  await must(stage.laptop, ["skip", "lint", "-m", "lint image answers 500"]);
  job = await makeClone(stage, "job");
  local = makePlace(stage, "local");
  await git(local, ["init", "-q"]);
  await must(local, ["init", "--yes", "--stage", "lint", "--store", "dir", "--path", "log"]);
  await must(local, ["skip", "lint", "-m", "lint image answers 500", "--all-branches"]);
  writeFileSync(join(stage.folder, "recorder.cjs"), recorder);
});

afterAll(() => stage.remove());

async function load(place: Place, args: readonly string[], more: More = {}): Promise<Loaded> {
  const file = join(place.home, "loaded.json");
  const env = {
    // a variable of git's has the clone read by git
    GIT_CONFIG_NOSYSTEM: undefined,
    NODE_OPTIONS: `--require=${join(stage.folder, "recorder.cjs")}`,
    RECORD_TO: file,
    ...more.env,
  };
  const { status } = await optout(place, args, { ...more, env });
  const { files, internals } = parsed(readFileSync(file, "utf8")) as {
    files: string[];
    internals: string[];
  };
  rmSync(file);
  return {
    status,
    files: files.filter((one) => one.includes("/")).map((one) => relative(ROOT, one)),
    node: files.filter((one) => !one.includes("/")),
    internals: internals.map((one) => one.replace(/^\w+ /, "")),
  };
}

const always = [
  "bin/optout.cjs",
  "dist/cli.cjs",
  "dist/base.cjs",
  "dist/job.cjs",
  "dist/rolldown-runtime.cjs",
];
const withGit = [...always, "dist/git.cjs"];

/** Parts of Node that no decision needs; some of them cost more than all of ours. */
const heavy =
  /undici|^_?https?\b|^_http|^http2|^tls$|^internal\/tls|^readline|^worker_threads|^inspector$|^repl$|^zlib$|^dns$/;

interface Case {
  readonly line: string;
  readonly where: "git" | "dir";
  readonly exit: number;
  readonly files: readonly string[];
}

const inGit = (line: string, exit: number, ...more: readonly string[]): Case => ({
  line,
  where: "git",
  exit,
  files: [...withGit, ...more],
});
const inDirectory = (line: string, exit: number, ...more: readonly string[]): Case => ({
  line,
  where: "dir",
  exit,
  files: [...always, ...more],
});

const cases: readonly Case[] = [
  // the first one is for a clone in which nothing was asked before
  inGit("check lint", 0),
  inGit("check lint", 0),
  inGit("check deploy-prod", 10),
  inGit("check --branch=main lint", 0),
  inGit("check lint --json", 0),
  inGit(`check lint --branch main --head main --sha ${"0".repeat(40)} -q`, 0),
  inGit("run deploy-prod -- true", 0, "dist/run.cjs"),
  inGit("run lint -- false", 0, "dist/run.cjs"),
  inDirectory("check lint", 0),
  inDirectory("check lint --json", 0),
  inDirectory("run lint -- false", 0, "dist/run.cjs"),
];

const titled = cases.map((one) => [one.line, one.where, one] as const);

describe("the check path", () => {
  const placeOf = ({ where }: Case): Place => (where === "git" ? job : local);

  it.each(titled)("loads a few files and no other: %s (%s)", async (_line, _where, one) => {
    const loaded = await load(placeOf(one), one.line.split(" "));

    expect(loaded.status).toBe(one.exit);
    expect(loaded.files.toSorted()).toEqual(one.files.toSorted());
  });

  it.each(titled)(
    "loads no network and no terminal of Node: %s (%s)",
    async (_line, _where, one) => {
      const { internals, node } = await load(placeOf(one), one.line.split(" "));

      expect(internals.filter((name) => heavy.test(name))).toEqual([]);
      const allowed = ["node:child_process", "node:crypto", "node:fs", "node:os", "node:path"];
      expect(node.filter((name) => !allowed.includes(name))).toEqual([]);
    },
  );

  it("loads little more to say that it is in trouble", async () => {
    await git(job, ["remote", "set-url", "origin", join(stage.folder, "nowhere.git")]);
    const check = await load(job, ["check", "lint"]);
    const ran = await load(job, ["run", "lint", "--", "true"]);
    await git(job, ["remote", "set-url", "origin", stage.remote]);

    expect(check.status).toBe(6);
    expect(check.files.toSorted()).toEqual([...withGit, "dist/color.cjs"].toSorted());
    expect(ran.status).toBe(0);
    expect(ran.files.toSorted()).toEqual([...withGit, "dist/run.cjs"].toSorted());
    expect([...check.internals, ...ran.internals].filter((one) => heavy.test(one))).toEqual([]);
  });

  it("asks nobody for a key when a job's use of a skip is recorded at best", async () => {
    const env = {
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_RUN_ID: "7",
      GITHUB_REF: "refs/heads/main",
      GITHUB_EVENT_NAME: "push",
    };
    const { status, files, internals } = await load(job, ["run", "lint", "--", "false"], { env });

    expect(status).toBe(0);
    const people = ["program", "help", "style", "npm-inquirer", "init", "npm-jose"];
    expect(files.filter((file) => people.includes(basename(file, ".cjs")))).toEqual([]);
    expect(internals.filter((name) => heavy.test(name))).toEqual([]);
  });

  it("answers the same where the remote is asked before the program is read, and where not", async () => {
    const ahead = await optout(job, ["check", "lint"]);
    const after = await optout(job, ["check", "lint", "--timeout", "9s"]);
    const missing = await optout(job, ["check", "nonsense"]);
    const alsoMissing = await optout(job, ["check", "nonsense", "--timeout", "9s"]);

    expect(after).toEqual(ahead);
    expect(ahead.status).toBe(0);
    expect(alsoMissing).toEqual(missing);
    expect(missing.status).toBe(2);
  });

  it("asks the clone that the line names, not the one that it stands in", async () => {
    const asked = await optout(job, ["check", "deploy-prod", "-qC", local.directory]);

    expect(asked.status).toBe(2);
    expect(asked.stderr).toContain("the policy knows no stage");
  });

  it("is left for a line that is not a plain one", async () => {
    const { status, files } = await load(job, ["check", "-qC.", "lint"]);

    expect(status).toBe(0);
    expect(files).toContain("dist/program.cjs");
  });
});

describe("the files of the check path", () => {
  let output: RolldownOutput["output"];

  beforeAll(async () => {
    const config = await loadConfig(join(ROOT, "rolldown.config.mjs"));
    if (typeof config === "function" || Array.isArray(config)) throw new Error("not one config");
    const build = await rolldown({ ...config, cwd: ROOT, onLog: () => undefined });
    ({ output } = await build.generate(config.output as OutputOptions));
    await build.close();
  });

  /** The npm packages with code in a file of dist. */
  function packagesIn(file: string): readonly string[] {
    const chunk = output.find(({ fileName }) => fileName === file);
    if (chunk?.type !== "chunk") throw new Error(`there is no ${file}`);
    const names = chunk.moduleIds.map(
      (id) => /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1],
    );
    return [...new Set(names.filter((name) => name !== undefined))].toSorted();
  }

  it("hold of npm's packages the YAML reader only", () => {
    expect(packagesIn("job.cjs")).toEqual(["js-yaml"]);
    for (const file of ["cli.cjs", "base.cjs", "git.cjs", "run.cjs", "color.cjs"]) {
      expect([file, packagesIn(file)]).toEqual([file, []]);
    }
  });

  it("hold none of what people need: commander, prompts, colour, yaml, jose", () => {
    const people = ["commander", "inquirer", "chalk", "yaml", "jose", "conf"];
    const where = output.flatMap((chunk) =>
      chunk.type === "chunk" && people.some((name) => packagesIn(chunk.fileName).includes(name))
        ? [chunk.fileName]
        : [],
    );

    expect(where.length).toBeGreaterThan(2);
    const path = ["job.cjs", "cli.cjs", "base.cjs", "git.cjs", "run.cjs", "color.cjs"];
    expect(where.filter((file) => path.includes(file))).toEqual([]);
  });
});
