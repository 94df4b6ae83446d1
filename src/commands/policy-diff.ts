/**
 * `optout policy diff REF`: what the work tree's policy loosens and tightens against that of a commit.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { parsePolicy } from "../core/policy-parse.ts";
import { diffPolicies } from "../operations/policy-diff.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { diffJson, diffLines, type DiffReport } from "../output/policy-diff-words.ts";
import { forTerminal } from "../output/escape.ts";
import { linesFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { givenOrOwnPolicy, namedIn, policyPath, readPolicyFile } from "./policy-file.ts";

/** Exit 0; with `--forbid-loosening` 3 where anything is looser. */
export async function policyDiff(call: Call, io: Io, open: Openers): Promise<number> {
  const [ref = "", ...rest] = call.args;
  const { path, file } = await givenOrOwnPolicy({ ...call, args: rest }, io, open);
  const [text, found, branch] = await Promise.all([
    readPolicyFile(file, path, namedIn({ ...call, args: rest })),
    open.committedFile(ref, policyPath),
    open.defaultBranch().catch(offline),
  ]);
  const source = `${policyPath} at ${ref}`;
  const old = parsePolicy(found.bytes, source);
  const now = parsePolicy(text, path);
  const report: DiffReport = {
    old: { source, digest: old.digest },
    now: { source: path, digest: now.digest },
    ...diffPolicies(old, now, branch ?? "main"),
  };
  if (call.has("json")) printJson(io, diffJson(report));
  else io.out(linesFor(io, diffLines(report, await paintOut(call, io))));
  if (!call.has("forbid-loosening") || !report.loosens) return exitStatus("ok");
  if (!call.has("json")) {
    io.err(`${forTerminal(path)} permits more than ${forTerminal(source)}\n`);
  }
  return exitStatus("refused");
}

/** Only the name is asked for, and `main` does where nobody can tell it. */
function offline(error: unknown): null {
  if (error instanceof OptoutError && error.exit === exitStatus("unavailable")) return null;
  throw error;
}
