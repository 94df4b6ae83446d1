/**
 * `optout policy check` and `optout policy schema`.
 */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { channelProblems } from "../core/channel-shape.ts";
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { parsePolicy, policyProblems, type PolicyProblem } from "../core/policy-parse.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { policyReportJson, policyReportLines, type PolicyReport } from "../output/policy-words.ts";
import { hasErrorCode, systemErrorCode } from "../system/files.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";
import { paintOut } from "./paint.ts";

/** Where the policy stands in a work tree. */
export const policyPath = ".optout/policy.yaml";

/** Exit 0 for a policy that can be read, warnings or not, else 2. */
export async function policyCheck(call: Call, io: Io, open: Openers): Promise<number> {
  const [given] = call.args;
  const path = given ?? policyPath;
  const file =
    given === undefined
      ? await policyFile(open)
      : resolve(io.cwd, call.text("chdir") ?? ".", given);
  const report = reportOf(await readPolicyFile(file, path), path);
  if (call.has("json")) printJson(io, policyReportJson(report));
  else {
    io.out(`${policyReportLines(report, await paintOut(call, io)).join("\n")}\n`);
  }
  return exitStatus(report.policy === null ? "usage" : "ok");
}

export async function policySchema(_call: Call, io: Io): Promise<number> {
  const { policyJsonSchema } = await import("../core/policy-schema.ts");
  printJson(io, policyJsonSchema());
  return exitStatus("ok");
}

async function policyFile(open: Openers): Promise<string> {
  const { root } = await open.workplace();
  if (root !== null) return join(root, policyPath);
  throw new OptoutError("policy-missing", "a bare repository has no work tree with a policy", {
    hint: "optout policy check FILE",
  });
}

async function readPolicyFile(file: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (thrown) {
    const missing = hasErrorCode(thrown, "ENOENT", "ENOTDIR");
    const what = missing ? `there is no ${path}` : `${path} cannot be read`;
    const code = missing ? "" : ` (${systemErrorCode(thrown) ?? "unknown error"})`;
    throw new OptoutError("policy-missing", `${what}${code}`, {
      hint: "optout init",
      cause: thrown,
    });
  }
}

function reportOf(bytes: Uint8Array, path: string): PolicyReport {
  const refused = (found: readonly PolicyProblem[]): PolicyReport => {
    const problems = found.map((problem) => ({ ...problem, path }));
    return { path, policy: null, problems, warnings: [] };
  };
  const problems = policyProblems(bytes);
  if (problems.length > 0) return refused(problems);
  const policy = parsePolicy(bytes, path);
  const inChannels = channelProblems(policy);
  if (inChannels.length > 0) return refused(inChannels);
  const unnamed = { line: 1, message: "log.id is missing, so there is no log yet: optout init" };
  const warnings = [...(policy.log.id === null ? [unnamed] : []), ...policy.warnings];
  return {
    path,
    policy,
    problems: [],
    warnings: warnings.map((warning) => ({ ...warning, column: 1, path })),
  };
}
