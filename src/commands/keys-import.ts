/**
 * `optout keys import`: the keys that an account on the forge has for signatures, proposed for the
 * policy of the work tree as a diff. It counts once it is reviewed and on the default branch.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { parseSshPublicKey } from "../core/keys.ts";
import { parsePolicy } from "../core/policy-parse.ts";
import type { Policy } from "../core/policy.ts";
import type { ForgeApi } from "../forges/api.ts";
import { changedLines, withKeys } from "../operations/import-keys.ts";
import { forTerminal } from "../output/escape.ts";
import type { Io } from "../output/io.ts";
import { isCommandLine, linesFor } from "../output/wrap.ts";
import { writeFileAtomic } from "../system/files.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";

const policyFile = ".optout/policy.yaml";

/** Prints the diff; with `--yes` it is written too. */
export async function importKeys(call: Call, io: Io, open: Openers): Promise<number> {
  const { root } = await open.workplace();
  if (root === null) throw new OptoutError("usage", "a bare repository has no policy to change");
  const path = join(root, policyFile);
  const before = readFileSync(path, "utf8");
  const policy = parsePolicy(Buffer.from(before), policyFile);
  const api = await open.forge();
  if (call.text("from") !== undefined && call.text("from") !== api.forge) {
    throw new OptoutError("usage", `the remote is on ${api.forge}, not on ${call.text("from")}`);
  }
  const login = call.args[0] ?? (await api.whoAmI()).login;
  const principal = call.text("as") ?? principalOf(policy, api, login);
  const lines = await newKeys(policy, api, login);
  if (lines.length === 0) {
    io.err(`${forTerminal(login)} has no further key there that optout can use\n`);
    return exitStatus("ok");
  }
  const after = withKeys(before, principal, lines);
  parsePolicy(Buffer.from(after), policyFile);
  io.out(
    linesFor(io, [policyFile, ...changedLines(before, after)].map(forTerminal), isCommandLine),
  );
  if (call.has("yes")) writeFileAtomic(path, after, { mode: 0o644 });
  else io.err("nothing was written; to write it, add --yes\n");
  return exitStatus("ok");
}

function principalOf(policy: Policy, { forge }: ForgeApi, login: string): string {
  const found = [...policy.principals.values()].find(
    (one) => one[forge]?.toLowerCase() === login.toLowerCase(),
  );
  if (found !== undefined) return found.id;
  throw new OptoutError("usage", `no principal of the policy has ${forge}: ${login}`, {
    hint: "say whose keys they are: --as NAME",
  });
}

/** Of the kinds that optout verifies, and nobody's yet; the account's name is their comment. */
async function newKeys(policy: Policy, api: ForgeApi, login: string): Promise<readonly string[]> {
  const keys = await api.signingKeys(login);
  return keys.flatMap(({ line }) => {
    const [type = "", data = ""] = line.trim().split(/\s+/);
    const parsed = readKey(`${type} ${data}`);
    return parsed === null || policy.keys.has(parsed) ? [] : [`${type} ${data} ${login}`];
  });
}

/** Its thumbprint; null for a kind that optout does not verify. */
function readKey(line: string): string | null {
  try {
    return parseSshPublicKey(line).kid;
  } catch {
    return null;
  }
}
