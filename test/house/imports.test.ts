/**
 * The import rule of the house holds, and the tool that holds it is not blind: it saw every source
 * file, and it refuses each planted violation by name.
 */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const CRUISER = join(ROOT, "node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs");
const ROOMS = [
  "core",
  "log",
  "stores",
  "signers",
  "forges",
  "sinks",
  "system",
  "operations",
  "wiring",
  "commands",
  "output",
];

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly rule: { readonly name: string };
      readonly cycle?: readonly { readonly name: string }[];
    }[];
  };
}

/** Stand-ins for what a planted import names, made only where the tree has no such file yet. */
const TARGETS = [
  "src/core/errors.ts",
  "src/core/policy.ts",
  "src/core/crypto.ts",
  "src/log/view.ts",
  "src/stores/store.ts",
  "src/stores/git.ts",
  "src/stores/dir.ts",
  "src/signers/signer.ts",
  "src/signers/file.ts",
  "src/forges/forge.ts",
  "src/forges/github.ts",
  "src/sinks/sink.ts",
  "src/sinks/slack.ts",
  "src/system/git.ts",
  "src/operations/check.ts",
  "src/commands/check.ts",
  "src/output/table.ts",
  "src/open.ts",
  "src/cli.ts",
  "test/support/planted.ts",
];

/** A rule, the room of the planted file ("." is src itself) or the file to add to, and the import. */
type Plant = readonly [rule: string, place: string, source: string];

const REFUSED: readonly Plant[] = [
  ["core-is-pure", "core", 'import "node:fs";'],
  ["core-is-pure", "core", 'import "node:crypto";'],
  ["core-is-pure", "core", 'import "../log/view.ts";'],
  ["core-is-pure", "core", 'import "vitest";'],
  ["core-is-pure", "core", 'import type * as store from "../stores/store.ts";'],
  ["core-is-pure", "core", 'export const late = import("../system/git.ts");'],
  ["core-crypto-only-hashes-and-verifies", "core/crypto.ts", 'import "node:fs";'],
  ["log-knows-the-store-interface", "log", 'import "../stores/git.ts";'],
  ["log-knows-the-store-interface", "log", 'import type * as git from "../stores/git.ts";'],
  ["log-knows-the-store-interface", "log", 'import "../operations/check.ts";'],
  ["log-knows-the-store-interface", "log", 'import "node:fs";'],
  ["interface-knows-only-core", "forges/forge.ts", 'import "../system/git.ts";'],
  ["implementations-stand-apart", "stores", 'import "./git.ts";'],
  ["implementation-knows-core-and-system", "stores", 'import "../signers/file.ts";'],
  ["implementation-knows-core-and-system", "stores", 'import "../log/view.ts";'],
  ["implementation-knows-core-and-system", "signers", 'import "../operations/check.ts";'],
  ["implementation-knows-core-and-system", "forges", 'import "../commands/check.ts";'],
  ["implementation-knows-core-and-system", "sinks", 'import "../output/table.ts";'],
  ["system-knows-only-errors", "system", 'import "../core/policy.ts";'],
  ["system-knows-only-errors", "system", 'import "../stores/store.ts";'],
  ["operations-know-interfaces", "operations", 'import "../stores/git.ts";'],
  ["operations-know-interfaces", "operations", 'import "../signers/file.ts";'],
  ["operations-know-interfaces", "operations", 'import "../forges/github.ts";'],
  ["operations-know-interfaces", "operations", 'import "../sinks/slack.ts";'],
  ["operations-know-interfaces", "operations", 'import "../output/table.ts";'],
  ["operations-know-interfaces", "operations", 'import "../commands/check.ts";'],
  ["wiring-knows-core", "wiring", 'import "node:fs";'],
  ["wiring-knows-core", "wiring", 'import "../system/git.ts";'],
  ["commands-know-no-implementation", "commands", 'import "../stores/dir.ts";'],
  [
    "commands-know-no-implementation",
    "commands",
    'export const late = import("../signers/file.ts");',
  ],
  ["output-knows-only-core", "output", 'import "../operations/check.ts";'],
  ["output-knows-only-core", "output", 'import "../log/view.ts";'],
  ["implementations-only-in-open", ".", 'import "./stores/git.ts";'],
  ["open-only-in-command-line", ".", 'import "./open.ts";'],
  ["nobody-imports-cli", ".", 'import "./cli.ts";'],
  ["source-stays-in-source", ".", 'import "../test/support/planted.ts";'],
  ["chalk-in-output", "commands", 'import "chalk";'],
  ["prompts-in-output", "commands", 'export const late = import("inquirer");'],
  ["commander-in-commands", "operations", 'import "commander";'],
  ["one-policy-parser", "operations", 'export const late = import("js-yaml");'],
  ["yaml-only-edits", "stores", 'export const late = import("yaml");'],
  ["jose-in-signers", "commands", 'import "jose";'],
  ["forge-clients-in-forges", "operations", 'export const late = import("@octokit/rest");'],
  ["forge-clients-in-forges", "sinks", 'import "@gitbeaker/rest";'],
  ["mail-in-sinks", "commands", 'export const late = import("nodemailer");'],
  ["valibot-in-forges-and-output", "operations", 'import "valibot";'],
  ["valibot-in-forges-and-output", "commands", 'import "@valibot/to-json-schema";'],
  ["hpagent-in-system", "sinks", 'import "hpagent";'],
  ["aws-in-stores", "system", 'import "aws4";'],
  ["no-circular", "output", 'import "./planted-ring.ts";'],
  ["not-to-unresolvable", ".", 'import "./nowhere.ts";'],
];

/** Imports that the rules must let through, or they would be switched off one day. */
const ALLOWED: readonly Plant[] = [
  ["", "core", 'import "js-yaml"; import "./errors.ts";'],
  ["", "log", 'import "../stores/store.ts"; import "../core/policy.ts";'],
  ["", "stores", 'import "./store.ts"; import "../system/git.ts"; import "node:fs";'],
  ["", "signers", 'import "./signer.ts"; import "jose";'],
  ["", "system", 'import "../core/errors.ts"; import "node:fs";'],
  ["", "operations", 'import "../forges/forge.ts"; import "../log/view.ts"; import "yaml";'],
  ["", "commands", 'import "../output/table.ts"; import "commander";'],
  ["", "forges", 'import "./forge.ts"; import "@octokit/rest"; import "valibot";'],
  ["", "sinks", 'import "./sink.ts"; import "nodemailer";'],
  ["", "output", 'import "chalk"; import "valibot"; import "../core/policy.ts";'],
];

const plants = [...REFUSED, ...ALLOWED].map(([rule, place, source], index) => {
  const file = place.endsWith(".ts") ? place : `${place}/planted${index}.ts`;
  return { rule, file: posix.join("src", file), source };
});
const refused = plants.filter(({ rule }) => rule !== "");
const allowed = plants.filter(({ rule }) => rule === "");

function cruise(root: string): Cruise {
  const args = [CRUISER, "--config", ".dependency-cruiser.cjs", "--output-type", "json", "src"];
  try {
    return JSON.parse(execFileSync(process.execPath, args, options(root))) as Cruise;
  } catch (error) {
    // The tool exits with the number of violations, and its report is on stdout all the same.
    const { stdout } = error as { stdout?: string };
    if (stdout === undefined || stdout === "") throw error;
    return JSON.parse(stdout) as Cruise;
  }
}

/** The rules that each file breaks; a cycle is reported once, and belongs to all of its files. */
function byFile({ summary }: Cruise): Map<string, Set<string>> {
  const rules = new Map<string, Set<string>>();
  for (const { from, rule, cycle = [] } of summary.violations) {
    for (const file of [from, ...cycle.map(({ name }) => name)]) {
      rules.set(file, (rules.get(file) ?? new Set()).add(rule.name));
    }
  }
  return rules;
}

function options(cwd: string): { cwd: string; encoding: "utf8"; maxBuffer: number } {
  return { cwd, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 };
}

function sourceFiles(root: string): string[] {
  return readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `src/${file.replaceAll("\\", "/")}`)
    .sort();
}

function addTo(root: string, file: string, source: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  appendFileSync(join(root, file), `${source}\nexport {};\n`);
}

describe("the import rule", () => {
  let result: Cruise;
  let files: string[];

  beforeAll(() => {
    files = sourceFiles(ROOT);
    result = cruise(ROOT);
  });

  it("is held by a tool that saw every source file", () => {
    const seen = new Set(result.modules.map((module) => module.source));

    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !seen.has(file))).toEqual([]);
  });

  it("holds for every source file", () => {
    const found = result.summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`);

    expect(found).toEqual([]);
  });

  it("knows every room: a folder under src is one of them", () => {
    const rooms = files.filter((file) => file.split("/").length > 2).map((f) => f.split("/")[1]);

    expect(rooms.filter((room) => room === undefined || !ROOMS.includes(room))).toEqual([]);
  });
});

describe("a planted violation", () => {
  let root: string;
  let reported: Map<string, Set<string>>;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "optout-imports-"));
    cpSync(join(ROOT, "src"), join(root, "src"), { recursive: true });
    for (const file of [".dependency-cruiser.cjs", "tsconfig.json", "package.json"]) {
      cpSync(join(ROOT, file), join(root, file));
    }
    symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"), "dir");
    for (const file of TARGETS.filter((target) => !existsSync(join(root, target)))) {
      addTo(root, file, "");
    }
    addTo(root, "src/open-store.ts", 'import "./stores/git.ts"; import "./stores/dir.ts";');
    for (const { file, source } of plants) addTo(root, file, source);
    const ring = refused.find(({ rule }) => rule === "no-circular");
    addTo(root, "src/output/planted-ring.ts", `import "../../${ring?.file ?? ""}";`);
    reported = byFile(cruise(root));
  });

  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it.each(refused)("is refused by $rule alone: $file says $source", ({ file, rule }) => {
    expect([...(reported.get(file) ?? [])]).toEqual([rule]);
  });

  it.each(allowed)("is not seen where there is none: $file says $source", ({ file }) => {
    expect(reported.get(file)).toBeUndefined();
  });

  it("exists for every rule of the configuration", () => {
    const text = readFileSync(join(ROOT, ".dependency-cruiser.cjs"), "utf8");
    const names = [...text.matchAll(/\b(?:room|home|refuse)\(\s*"([a-z-]+)"/g)].map((m) => m[1]);
    const tried = new Set(refused.map(({ rule }) => rule));

    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => name === undefined || !tried.has(name))).toEqual([]);
  });
});
