/**
 * What README.md and docs/ tell to type is typed here, block by block, in a repository as a reader
 * would have it. A new block must be given its place below, or a reason why it cannot run.
 */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parsePolicy } from "../../src/core/policy-parse.ts";
import { hasOpenssl } from "../support/programs.ts";
import {
  BIN,
  git,
  lines,
  makeStage,
  plain,
  ROOT,
  run,
  writeFiles,
  type Result,
  type Stage,
} from "../support/stage.ts";

interface Block {
  readonly file: string;
  readonly language: string;
  readonly text: string;
  /** By which it is known here. */
  readonly firstLine: string;
}

function blocksOf(file: string): readonly Block[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", body = ""]) => ({
    file,
    language,
    text: body,
    firstLine: body.split("\n", 1)[0] ?? "",
  }));
}

const documents = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    // played by scripts/nights.mjs, and held to it by test/house/nights.test.ts
    .filter((name) => name !== "nights.md")
    // run by tests of their own
    .filter((name) => name !== "one-file.md" && name !== "ci-that-writes.md")
    .map((name) => join("docs", name))
    .toSorted(),
];
const blocks = documents.flatMap(blocksOf);

/** The blocks of README.md in the order in which a reader gets to use them. */
const session = [
  "$ optout init --yes --stage lint --stage deploy-prod",
  '$ optout skip lint -m "lint image answers 500" --for 2h',
  "- run: node .optout/optout.cjs run lint -- npm run lint",
  "$ optout status",
  '$ optout skip lint -m "lint image answers 500" --ticket INC-4312 --for 2h',
  "git fetch --quiet",
] as const;

/** Read by the program, and not by a shell. */
const policies = [
  ["README.md", "version: 1"],
  ["docs/policy.md", "version: 1"],
] as const;

const notRun: readonly (readonly [string, string, string])[] = [
  [
    "docs/policy.md",
    "# .optout/policy.test.yaml",
    "cases for the policy above, as docs-policy.test.ts runs them",
  ],
  [
    "docs/policy.md",
    "LOOSENS   deploy-prod: skip, force on main, release/* by alice",
    "an answer, and no line to type; policy-diff.test.ts has such ones",
  ],
  ["docs/policy.md", "limits:", "one member of a policy, as policy-parse.test.ts reads it"],
  ["docs/policy.md", "freezes:", "one member of a policy, as freeze.test.ts reads it"],
  ["docs/notifications.md", "notify:", "one member of a policy, as notify.test.ts reads it"],
  ["docs/policy.md", "approvals:", "one member of a rule, as policy-parse.test.ts reads it"],
  [
    "README.md",
    "- id: optout",
    "steps of templates/github/workflows/ci.yml, which github-templates.test.ts runs",
  ],
  [
    "README.md",
    "workflow: # all jobs in one pipeline: that of the merge request, where there is one",
    "the components, which gitlab-templates.test.ts runs from their files",
  ],
  ["README.md", "$ npm run demo", "plays the same story for a minute; .ci/run has it as a step"],
];

function blockOf(file: string, firstLine: string): Block {
  const found = blocks.filter((block) => block.file === file && block.firstLine === firstLine);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${file}: ${firstLine}`);
  return only;
}

/** The lines that a block wants typed. */
function script({ language, text }: Block): string {
  if (language === "sh") return text;
  if (language === "yaml") return text.replace(/^- run: /, "");
  return text
    .split("\n")
    .filter((line) => line.startsWith("$ "))
    .map((line) => line.slice(2))
    .join("\n");
}

describe("the session of README.md", () => {
  let stage: Stage;
  const ends = new Map<string, Result>();

  beforeAll(async () => {
    stage = await makeStage();
    const { laptop } = stage;
    const shelf = join(stage.folder, "bin");
    mkdirSync(shelf);
    writeFileSync(join(shelf, "optout"), `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`);
    chmodSync(join(shelf, "optout"), 0o755);
    const kept = join(laptop.directory, ".optout", "optout.cjs");
    cpSync(join(ROOT, "release", "optout.cjs"), kept);
    const lint = { scripts: { lint: "touch lint-was-started && exit 1" } };
    writeFiles(laptop, { "package.json": JSON.stringify(lint) });
    const env = { PATH: `${shelf}:${process.env["PATH"] ?? ""}` };
    for (const firstLine of session) {
      const commands = script(blockOf("README.md", firstLine));
      ends.set(firstLine, await run(laptop, "sh", ["-e", "-c", commands], { env }));
    }
  });

  afterAll(() => stage.remove());

  const endOf = (firstLine: string): object => {
    const { status, stderr } = ends.get(firstLine) ?? { status: -1, stderr: "was not run" };
    return { status, stderr: status === 0 ? "" : stderr };
  };
  const well = { status: 0, stderr: "" };

  it.each(session.slice(0, 5))("works as it stands there: %s", (firstLine) => {
    expect(endOf(firstLine)).toEqual(well);
  });

  it.skipIf(!hasOpenssl)(`works as it stands there: ${session[5]} (needs openssl)`, () => {
    expect(endOf(session[5])).toEqual(well);
  });

  it("takes at most five commands from a new repository to the first skip", () => {
    const typed = [session[0], session[1]].flatMap((line) =>
      script(blockOf("README.md", line)).trim().split("\n"),
    );

    expect(typed.length).toBeLessThanOrEqual(5);
  });

  it("has the job leave lint out under the skip", async () => {
    expect(ends.get(session[2])?.stdout).toBe("");
    expect(ends.get(session[2])?.stderr).toContain("! lint skipped by override #2");
    expect(await git(stage.laptop, ["status", "--porcelain"])).not.toContain("lint-was-started");
  });

  it("shows, ends, tells and proves the override", () => {
    expect(plain(ends.get(session[3])?.stdout ?? "", stage)).toBe(
      lines(
        "! #2  lint is skipped on main and pull requests into it for 2h, until <clock>",
        '    alice-ng: "lint image answers 500"',
        "✓ #2 is revoked: it no longer skips lint",
        "2\t<time>\trevoked\tskip\tlint\tmain\t<time>\talice-ng\tlint image answers 500\t\t<id>",
        "✓ git:optout-log is intact: 4 positions",
        "  1 log.created, 1 policy.recorded, 1 override.created, 1 override.revoked",
        "  head 3:<hash>",
      ),
    );
  });

  it.skipIf(!hasOpenssl)("checks a position with git, sha256sum and openssl alone", () => {
    const { stdout } = ends.get(session[5]) ?? { stdout: "" };
    const [hash, prev, verdict, ...rest] = stdout.split("\n");

    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(prev).toBe(hash);
    expect([verdict, ...rest]).toEqual(["Signature Verified Successfully", ""]);
  });

  it.skipIf(!hasOpenssl)("finds with openssl that a position was changed", async () => {
    const { laptop } = stage;
    const block = script(blockOf("README.md", session[5])).replace("git fetch --quiet", "");
    const message = await git(laptop, ["log", "-1", "--format=%B", "origin/optout-log"]);
    const forged = message.replace(
      /"prev":"(.)/,
      (_all, one) => `"prev":"${one === "A" ? "B" : "A"}`,
    );
    const broken = forged.replace(/.{4}"\}\s*$/, 'AAAA"}');
    const tree = await git(laptop, ["mktree"]);
    const parent = await git(laptop, ["rev-parse", "origin/optout-log~1"]);
    const id = await git(laptop, ["commit-tree", tree, "-p", parent], { input: broken });
    await git(laptop, ["update-ref", "refs/remotes/origin/optout-log", id]);

    const { status, stdout, stderr } = await run(laptop, "sh", ["-c", block]);

    const [hash, prev] = stdout.split("\n");
    expect(prev).not.toBe(hash);
    expect(status).not.toBe(0);
    expect(stdout + stderr).not.toContain("Verified Successfully");
  });
});

describe("a policy in the documents", () => {
  it.each(policies)("is one that optout reads without a warning: %s", (file, firstLine) => {
    const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP5cjY9MkAGst7spG+kjNysvi8X41P2DVgvnvR0YX7/P";
    // what README.md shortens, in full
    const text = blockOf(file, firstLine)
      .text.replace("id: …", `id: ${"A".repeat(43)}`)
      .replace("ssh-ed25519 AAAA…", key);

    expect(parsePolicy(Buffer.from(text), file).warnings).toEqual([]);
  });
});

describe("every block of README.md and docs/", () => {
  it("is run here, or stands on the list of those that cannot be, with a reason", () => {
    const known = [
      ...session.map((line) => `README.md: ${line}`),
      ...policies.map(([file, line]) => `${file}: ${line}`),
      ...notRun.map(([file, line]) => `${file}: ${line}`),
    ];

    expect(blocks.map(({ file, firstLine }) => `${file}: ${firstLine}`).toSorted()).toEqual(
      known.toSorted(),
    );
    expect(notRun.filter(([, , reason]) => reason === "")).toEqual([]);
  });
});
