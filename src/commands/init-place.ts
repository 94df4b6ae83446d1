/**
 * Where `optout init` keeps the log: what flags say, or what the policy in place says.
 */
import { resolve } from "node:path";

import { OptoutError } from "../core/errors.ts";
import { isBranchName } from "../core/ids.ts";
import type { LogPlace } from "../core/policy.ts";
import type { Io } from "../output/io.ts";
import type { Call } from "./command.ts";

type NewPlace = Exclude<LogPlace, { store: "s3" }>;

/** The place that the flags name. @throws `usage` for flags that do not go together */
export function placeOf(call: Call, { cwd }: Pick<Io, "cwd">): NewPlace {
  const path = call.text("path");
  const branch = call.text("log-branch");
  if (call.text("store") === "dir") {
    if (branch !== undefined) throw usage("--log-branch is for --store git");
    if (path === undefined) throw usage("--store dir needs --path DIR");
    return { store: "dir", path: resolve(cwd, call.text("chdir") ?? ".", path), id: null };
  }
  if (path !== undefined) throw usage("--path is for --store dir");
  if (branch !== undefined && !isBranchName(branch)) {
    throw usage(`--log-branch ${JSON.stringify(branch)} is not a name that git accepts`);
  }
  return { store: "git", branch: branch ?? "optout-log", id: null };
}

/** With a policy in place the flags may repeat what it says, and no more. */
export function assertSamePlace(call: Call, io: Pick<Io, "cwd">, there: LogPlace): void {
  const flags = ["store", "path", "log-branch"].filter((flag) => call.has(flag));
  if (flags.length === 0) return;
  const asked = placeOf(call, io);
  if (JSON.stringify(asked) === JSON.stringify({ ...there, id: null })) return;
  throw new OptoutError("usage", "the policy in place keeps its log elsewhere", {
    hint: "optout init   (without --store, --path and --log-branch), or edit log in the policy",
  });
}

const usage = (message: string): OptoutError =>
  new OptoutError("usage", message, { hint: "optout help init" });
