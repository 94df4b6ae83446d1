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
  if (call.text("store") !== "dir") {
    if (path !== undefined) throw usage("--path is for --store dir");
    return gitPlace(call);
  }
  const foreign = ["log-branch", "subject-prefix"].find((flag) => call.has(flag));
  if (foreign !== undefined) throw usage(`--${foreign} is for --store git`);
  if (path === undefined) throw usage("--store dir needs --path DIR");
  return { store: "dir", path: resolve(cwd, call.text("chdir") ?? ".", path), id: null };
}

function gitPlace(call: Call): NewPlace {
  const branch = call.text("log-branch") ?? "optout-log";
  const subjectPrefix = call.text("subject-prefix") ?? null;
  if (!isBranchName(branch)) {
    throw usage(`--log-branch ${JSON.stringify(branch)} is not a name that git accepts`);
  }
  if (subjectPrefix !== null && !/^[!"$-~][ -~]{0,59}$/.test(subjectPrefix)) {
    const given = JSON.stringify(subjectPrefix);
    throw usage(`--subject-prefix ${given} is not up to 60 characters of ASCII`);
  }
  return { store: "git", branch, id: null, subjectPrefix, pushOptions: null };
}

/** Flags that tell the place of the log. */
export const placeFlags: readonly string[] = ["store", "path", "log-branch", "subject-prefix"];

/** With a policy in place the flags may repeat what it says, and no more. */
export function assertSamePlace(call: Call, io: Pick<Io, "cwd">, there: LogPlace): void {
  const flags = placeFlags.filter((flag) => call.has(flag));
  if (flags.length === 0) return;
  const asked = placeOf(call, io);
  const more = there.store === "git" ? { pushOptions: null } : {};
  if (JSON.stringify(asked) === JSON.stringify({ ...there, ...more, id: null })) return;
  throw new OptoutError("usage", "the policy in place keeps its log elsewhere", {
    hint: `optout init   (without ${flags.map((flag) => `--${flag}`).join(", ")}), or edit log in the policy`,
  });
}

const usage = (message: string): OptoutError =>
  new OptoutError("usage", message, { hint: "optout help init" });
