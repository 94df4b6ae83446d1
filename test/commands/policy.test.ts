/**
 * `optout policy check` and `optout policy schema`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import type { Workplace } from "../../src/commands/openers.ts";
import { policyCheck, policySchema } from "../../src/commands/policy.ts";
import { policyJsonSchema } from "../../src/core/policy-schema.ts";
import { testKey } from "../support/keys.ts";
import { rejection } from "../support/problem.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { callFor, openersWith, recordedIo } from "./given.ts";

const sound = `version: 1
log: { store: git, id: jz4eJODYvsEe3D4yoQm0aR7BdGiyzBIA5NZf2_qbYAM }
principals:
  alice: { roles: [oncall], keys: ["${testKey("alice").ssh}"] }
stages:
  lint: { kind: quality }
rules:
  - { id: quality, match: { kind: quality }, actions: [skip], who: [oncall], longest: 4h }
`;

const workplaceAt = (root: string | null): Workplace => ({
  root,
  branch: "main",
  sha: null,
  remote: null,
  repository: { host: "local", name: "shop" },
});

/** A work tree with this policy, and `policy check` in it. */
async function checked(policy: string | null, ...words: readonly string[]) {
  const root = temporaryDirectory();
  mkdirSync(join(root, ".optout"));
  if (policy !== null) writeFileSync(join(root, ".optout", "policy.yaml"), policy);
  const io = recordedIo({ cwd: root });
  const open = openersWith({ workplace: () => Promise.resolve(workplaceAt(root)) });
  const status = await policyCheck(callFor("policy", "check", ...words), io, open);
  return { status, ...io.written };
}

describe("policy check", () => {
  it("ends with 2 and tells every problem with its line and column", async () => {
    const broken = sound
      .replace("longest:", "longst:")
      .replace("kind: quality }\nrules", "kynd: quality }\nrules");

    const { status, out } = await checked(broken);

    expect(status).toBe(2);
    const lines = out.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^✗ \.optout\/policy\.yaml:6:9 stages\.lint\.kind is missing/);
    expect(out).toContain('did you mean "longest"?');
    expect(lines.at(-1)).toMatch(/^\.optout\/policy\.yaml has \d problems, and permits nothing/);
  });

  it("gives the problems as JSON, each with its place", async () => {
    const { status, out } = await checked(sound.replace("4h", "4"), "--json");

    expect(status).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      kind: "optout/policy-check",
      v: 1,
      ok: false,
      problems: [
        {
          line: 8,
          column: (sound.split("\n")[7] ?? "").indexOf("4h") + 1,
          path: ".optout/policy.yaml",
        },
      ],
      warnings: [],
    });
  });

  it("accepts a sound policy, and says what is probably not meant", async () => {
    const { status, out } = await checked(`${sound}may_revoke: [nobody-has-this]\n`);

    expect(status).toBe(0);
    expect(out).toBe(
      "! .optout/policy.yaml:9:1 may_revoke: nobody holds the role nobody-has-this (warning)\n" +
        "✓ .optout/policy.yaml is a valid policy (principals: 1, stages: 1, rules: 1)\n",
    );
  });

  it("warns of a policy that names no log yet", async () => {
    const { status, out } = await checked(sound.replace(/, id: \S+/, ""), "--json");

    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      problems: [],
      warnings: [{ line: 1, message: "log.id is missing, so there is no log yet: optout init" }],
    });
  });

  it("reads the file that it is given, from where it is started", async () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, "sub"));
    writeFileSync(join(root, "sub", "other.yaml"), sound);
    const io = recordedIo({ cwd: root });

    const call = callFor("policy", "check", "other.yaml", "-C", "sub");

    expect(await policyCheck(call, io, openersWith({}))).toBe(0);
    expect(io.written.out).toContain("✓ other.yaml is a valid policy");
  });

  it("says that there is none, and what makes one", async () => {
    expect(await rejection(checked(null))).toMatchObject({
      code: "policy-missing",
      message: "there is no .optout/policy.yaml",
      hint: "optout init",
    });
  });

  it("makes what a policy says harmless for the terminal", async () => {
    const { out } = await checked(
      sound.replace("kind: quality }\nrules", 'kind: "\\e[31m" }\nrules'),
    );

    expect(out).not.toContain("\u001B");
  });
});

describe("policy schema", () => {
  it("prints the schema that init writes", async () => {
    const io = recordedIo();

    expect(await policySchema(callFor("policy", "schema"), io)).toBe(0);

    expect(JSON.parse(io.written.out)).toEqual(JSON.parse(JSON.stringify(policyJsonSchema())));
  });
});
