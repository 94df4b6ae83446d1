/**
 * Writing the log's id into a policy: nothing else changes, not a blank, whatever the policy looks
 * like; what cannot be edited safely is left to a person.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parsePolicy } from "../../src/core/policy-parse.ts";
import { withLogId } from "../../src/operations/init-policy.ts";
import { testKey } from "../support/keys.ts";
import { problem } from "../support/problem.ts";

const id = "jz4eJODYvsEe3D4yoQm0aR7BdGiyzBIA5NZf2_qbYAM";
const name = ".optout/policy.yaml";

const rest = `
# who
principals:
  alice: { roles: [oncall], keys: ["${testKey("alice").ssh}"] }   # the first
stages:
  lint:        { kind: quality }   # aligned


rules:
  - id: quality
    match:   { kind: quality }
    actions: [skip]
    who:     [oncall]
    longest: 4h
    reason:  { min: 10, ticket: "^(INC|OPS)-[0-9]+$" }
`;

/** The log as people write it, and what becomes of it. */
const forms: Readonly<Record<string, readonly [string, string]>> = {
  "a mapping on one line": [
    "log: { store: git, branch: optout-log }   # where",
    `log: { store: git, branch: optout-log, id: ${id} }   # where`,
  ],
  "a mapping on one line without blanks": ["log: {store: git}", `log: {store: git, id: ${id}}`],
  "a mapping with a comma at its end": ["log: { store: git, }", `log: { store: git, id: ${id}, }`],
  "quoted values": [
    `log: { "store": 'git', branch: "optout-log" }`,
    `log: { "store": 'git', branch: "optout-log", id: ${id} }`,
  ],
  "a flow over several lines": [
    "log: {\n  store: git, # here\n  branch: optout-log # there\n }",
    `log: {\n  store: git, # here\n  branch: optout-log, id: ${id} # there\n }`,
  ],
  "a block": [
    "log:\n  store: git # here\n  branch: optout-log   # there\n  # after\n",
    `log:\n  store: git # here\n  branch: optout-log   # there\n  id: ${id}\n  # after\n`,
  ],
  "a block with a deep indent and blank lines": [
    "log:\n\n      # first\n      store: git\n\n\n",
    `log:\n\n      # first\n      store: git\n      id: ${id}\n\n\n`,
  ],
  "a directory": [
    'log: { store: dir, path: "/var/log/optout #1" }',
    `log: { store: dir, path: "/var/log/optout #1", id: ${id} }`,
  ],
};

describe("withLogId", () => {
  it.each(Object.entries(forms))(
    "adds the id to %s, and changes nothing else",
    (_name, [log, expected]) => {
      const text = `version: 1\n${log}${rest}`;

      const edited = withLogId(text, id, name);

      expect(edited).toBe(`version: 1\n${expected}${rest}`);
      expect(parsePolicy(Buffer.from(edited), name).log.id).toBe(id);
    },
  );

  it("keeps the line ends of Windows", () => {
    const text = `version: 1\nlog:\n  store: git\n${rest}`.replaceAll("\n", "\r\n");

    const edited = withLogId(text, id, name);

    expect(edited).toBe(
      `version: 1\nlog:\n  store: git\n  id: ${id}\n${rest}`.replaceAll("\n", "\r\n"),
    );
  });

  it("finds the log at the very end of a file without a final line end", () => {
    const text = `version: 1${rest}log:\n  store: git`;

    expect(withLogId(text, id, name)).toBe(`${text}\n  id: ${id}`);
  });

  it("quotes an id that YAML could read as something else", () => {
    const odd = `-${id.slice(1)}`;

    expect(withLogId(`version: 1\nlog: { store: git }${rest}`, odd, name)).toContain(
      `id: "${odd}"`,
    );
  });

  it("says the same policy for any id", () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(bytes, fc.constantFrom(...Object.values(forms)), (random, [log]) => {
        const any = Buffer.from(random).toString("base64url");
        const edited = withLogId(`version: 1\n${log}${rest}`, any, name);
        expect(parsePolicy(Buffer.from(edited), name).log.id).toBe(any);
      }),
    );
  });

  it("refuses what is no policy", () => {
    expect(problem(() => withLogId("version: 1\n", id, name)).code).toBe("policy-invalid");
  });

  it("leaves to a person what it cannot edit for certain", () => {
    const text = `version: 1\nlog:\n  store: dir\n  path: >-\n    /var/log\n${rest.slice(7)}`;

    expect(problem(() => withLogId(text, id, name))).toEqual({
      code: "policy-invalid",
      message: ".optout/policy.yaml is written in a way that cannot be edited",
    });
  });

  it("refuses to write a second id", () => {
    const other = id.replace("jz4e", "AAAA");

    const text = `version: 1\nlog: { store: git, id: ${other} }${rest}`;

    expect(problem(() => withLogId(text, id, name))).toEqual({
      code: "policy-invalid",
      message: ".optout/policy.yaml is written in a way that cannot be edited",
    });
  });
});
