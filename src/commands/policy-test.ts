/**
 * `optout policy test`: asks the work tree's policy what its tests say, before a change of it lands.
 */
import { dirname, join, resolve } from "node:path";

import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { parsePolicy } from "../core/policy-parse.ts";
import type { PolicyCases } from "../core/policy-case.ts";
import { readCases, runCases } from "../operations/policy-cases.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { testJson, testJunit, testLines, type TestReport } from "../output/policy-test-words.ts";
import { linesFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { givenOrOwnPolicy, namedIn, readPolicyFile } from "./policy-file.ts";

/** Exit 0 when every case is answered as expected, else 1. */
export async function policyTest(call: Call, io: Io, open: Openers): Promise<number> {
  const { path, file } = await givenOrOwnPolicy(call, io, open);
  const policy = parsePolicy(await readPolicyFile(file, path, namedIn(call)), path);
  const cases = call.text("cases") ?? casesBeside(path);
  const text = await readPolicyFile(
    call.text("cases") === undefined
      ? casesBeside(file)
      : resolve(io.cwd, call.text("chdir") ?? ".", cases),
    cases,
    "policy test",
  );
  const results = runCases(policy, casesIn(text, policy, cases));
  await tell(call, io, { policy: path, cases, results });
  return exitStatus(results.every(({ faults }) => faults.length === 0) ? "ok" : "failure");
}

/** `policy.test.yaml` beside `policy.yaml`. */
function casesBeside(path: string): string {
  const name = (path.split(/[/\\]/).at(-1) ?? path).replace(/\.ya?ml$/, "");
  return join(dirname(path), `${name}.test.yaml`);
}

function casesIn(
  bytes: Uint8Array,
  policy: Parameters<typeof readCases>[1],
  name: string,
): PolicyCases {
  const read = readCases(bytes, policy);
  if (!("problems" in read)) return read;
  const lines = read.problems.map(
    ({ line, column, message }) => `${name}:${line}:${column} ${message}`,
  );
  throw new OptoutError("policy-invalid", lines.join("\n"), { hint: "optout help policy test" });
}

async function tell(call: Call, io: Io, report: TestReport): Promise<void> {
  const format = call.has("json") ? "json" : call.text("format");
  if (format === "json") printJson(io, testJson(report));
  else if (format === "junit") io.out(testJunit(report));
  else io.out(linesFor(io, testLines(report, await paintOut(call, io))));
}
