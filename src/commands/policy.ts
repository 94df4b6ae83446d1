/**
 * `optout policy check` and `optout policy schema`.
 */
import { channelProblems } from "../core/channel-shape.ts";
import { exitStatus } from "../core/exit.ts";
import { parsePolicy, policyProblems, type PolicyProblem } from "../core/policy-parse.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { policyReportJson, policyReportLines, type PolicyReport } from "../output/policy-words.ts";
import { linesFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { givenOrOwnPolicy, namedIn, readPolicyFile } from "./policy-file.ts";

/** Exit 0 for a policy that can be read, warnings or not, else 2. */
export async function policyCheck(call: Call, io: Io, open: Openers): Promise<number> {
  const { path, file } = await givenOrOwnPolicy(call, io, open);
  const report = reportOf(await readPolicyFile(file, path, namedIn(call)), path);
  if (call.has("json")) printJson(io, policyReportJson(report));
  else {
    io.out(linesFor(io, policyReportLines(report, await paintOut(call, io))));
  }
  return exitStatus(report.policy === null ? "usage" : "ok");
}

export async function policySchema(_call: Call, io: Io): Promise<number> {
  const { policyJsonSchema } = await import("../core/policy-schema.ts");
  printJson(io, policyJsonSchema());
  return exitStatus("ok");
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
