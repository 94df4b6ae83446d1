/** The vectors of limits: what writers answer, and what audits find. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mayIssue } from "../../src/core/authorize.ts";
import { parsePolicy } from "../../src/core/policy-parse.ts";
import type { Action } from "../../src/core/policy.ts";
import type { Scope } from "../../src/core/statement.ts";
import { viewOf } from "../../src/core/view.ts";
import { audit } from "../../src/log/audit.ts";
import { memoryStore } from "../support/memory-store.ts";

interface Audited {
  readonly title: string;
  readonly log: string;
  readonly upto: number;
  readonly now: number;
  readonly findings: readonly { readonly code: string; readonly seq: number }[];
}

interface Asked extends Omit<Audited, "findings"> {
  readonly by: string;
  readonly request: {
    readonly action: Action;
    readonly stage: string;
    readonly scope: Scope;
    readonly duration: number;
    readonly emergency: boolean;
    readonly supersedes: string | null;
  };
  readonly answer: string;
  readonly objections: readonly string[];
}

const bytesOf = (name: string): Buffer =>
  readFileSync(new URL(`../vectors/limits/${name}`, import.meta.url));

const policy = parsePolicy(bytesOf("policy.yaml"), "policy.yaml");
const logs = JSON.parse(bytesOf("logs.json").toString()) as Record<string, readonly string[]>;
const audits = JSON.parse(bytesOf("audits.json").toString()) as readonly Audited[];
const requests = JSON.parse(bytesOf("requests.json").toString()) as readonly Asked[];

const positionsOf = ({ log, upto }: Pick<Audited, "log" | "upto">): readonly Buffer[] =>
  (logs[log] ?? []).slice(0, upto + 1).map((position) => Buffer.from(position, "base64"));

const titled = <T extends Pick<Audited, "log" | "title">>(cases: readonly T[]): [string, T][] =>
  cases.map((one) => [`${one.log}: ${one.title}`, one]);

describe("an audit finds what the vectors say", () => {
  it.each(titled(audits))("%s", async (_title, one) => {
    const { findings } = await audit({
      positions: memoryStore([...positionsOf(one)]).scan(0),
      from: 0,
      policy,
      history: { defaultBranch: "main", holds: () => Promise.resolve("yes") },
      anchors: [],
      now: one.now,
    });

    expect(findings.map(({ code, seq }) => ({ code, seq }))).toEqual(one.findings);
  });
});

describe("a writer answers as the vectors say", () => {
  it.each(titled(requests))("%s", (_title, one) => {
    const { supersedes, ...request } = one.request;
    const author = policy.principals.get(one.by);
    if (author === undefined) throw new Error(`${one.by} is not in the policy`);

    const answer = mayIssue(
      viewOf(policy, 0, positionsOf(one)),
      {
        ...request,
        ...(supersedes === null ? {} : { supersedes }),
        author,
        kid: author.keys[0]?.kid ?? "",
        account: "unasked",
        reason: { code: "broken-gate", text: "linter image answers 500" },
        tickets: ["INC-4312"],
      },
      one.now,
      "main",
    );

    const objections =
      answer.kind === "refused" ? answer.refused.map((place) => place.objections) : [];
    expect({ answer: answer.kind, objections: objections.flat().map(({ code }) => code) }).toEqual({
      answer: one.answer,
      objections: one.objections,
    });
  });
});
