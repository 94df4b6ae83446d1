/** An audit as SARIF: valid by the schema of its standard, whatever was found. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { findingCodes } from "../../src/log/findings.ts";
import { auditSarif, type SarifLog } from "../../src/output/audit-sarif.ts";
import type { AuditFinding } from "../../src/output/audit-words.ts";
import { hostileTexts } from "../support/hostile.ts";

const file = createRequire(import.meta.url).resolve(
  "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json",
);
// of draft 4, and in all that it uses of draft 7 as well, but for how it names itself
const {
  $schema: _draft,
  id: _id,
  ...schema
} = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
  schema,
);

const faults = (log: unknown): unknown => (validate(log) ? [] : validate.errors);

const rules = Object.entries(findingCodes).map(([code, row]) => ({ code, ...row }));

function sarif(findings: readonly AuditFinding[], store = "git:optout-log"): SarifLog {
  const summary = {
    intact: findings.length === 0,
    store,
    from: 0,
    positions: 7,
    head: { seq: 6, hash: "h".repeat(43) },
    statements: { "log.created": 1 },
    policy: { digest: "d".repeat(43), commit: "c".repeat(40) },
    findings,
  };
  return auditSarif(summary, rules, "1.2.3");
}

describe("the SARIF of an audit", () => {
  it("is valid without a finding, and lists every rule", () => {
    const log = sarif([]);

    expect(faults(log)).toEqual([]);
    expect(log).toMatchObject({
      version: "2.1.0",
      runs: [
        {
          tool: { driver: { name: "optout", version: "1.2.3", rules: { length: rules.length } } },
          invocations: [{ executionSuccessful: true, exitCode: 0 }],
          results: [],
        },
      ],
    });
  });

  it("names each finding by its rule, its level and its position", () => {
    const log = sarif(
      rules.map((rule, seq) => ({ ...rule, seq, detail: "as it was" })),
      "dir:log",
    );

    expect(faults(log)).toEqual([]);
    expect(log).toMatchObject({
      runs: [
        {
          invocations: [{ exitCode: 5 }],
          results: rules.map(({ code, weight, meaning }, index) => ({
            ruleId: code,
            ruleIndex: index,
            level: weight === "violation" ? "error" : "warning",
            message: { text: `${meaning} (as it was)` },
            locations: [
              {
                logicalLocations: [
                  { name: `#${index}`, fullyQualifiedName: `dir:log#${index}`, kind: "position" },
                ],
              },
            ],
          })),
        },
      ],
    });
  });

  it("is valid whatever a detail says, and links to nothing", () => {
    const log = sarif([
      ...hostileTexts.map(({ text }) => detailed(text)),
      detailed("[click](https://evil.example) {0}"),
    ]);

    expect(faults(log)).toEqual([]);
    expect(JSON.stringify(log)).toContain("(click)(https://evil.example) (0)");
  });

  it("is refused by the schema when a level is not one of the standard", () => {
    expect(
      faults({ version: "2.1.0", runs: [{ tool: {}, results: [{ level: "bad" }] }] }),
    ).not.toEqual([]);
  });
});

function detailed(detail: string): AuditFinding {
  return { code: "SCHEMA", seq: 3, detail, ...findingCodes.SCHEMA };
}
