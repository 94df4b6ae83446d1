/**
 * Where `optout init` keeps the log: what flags say, or what the policy in place says.
 */
import { resolve } from "node:path";

import { OptoutError } from "../core/errors.ts";
import { parseLogPlace } from "../core/policy-parse.ts";
import type { LogPlace } from "../core/policy.ts";
import { logText } from "../operations/policy-template.ts";
import type { Io } from "../output/io.ts";
import type { Call } from "./command.ts";
import { storeFlags, storeNames, type StoreName } from "./store-flags.ts";

/** All flags that name a place, in the order in which they are written. */
const placeFlags: readonly string[] = ["store", ...Object.values(storeFlags).flat()];

/** The place that the flags name. @throws `usage` for flags that do not go together */
export function placeOf(call: Call, { cwd }: Pick<Io, "cwd">): LogPlace {
  const store = storeOf(call.text("store") ?? "git");
  for (const [other, flags] of Object.entries(storeFlags)) {
    const stray = flags.find((flag) => call.has(flag) && other !== store);
    if (stray !== undefined) throw usage(`--${stray} is for --store ${other}`);
  }
  switch (store) {
    case "git":
      return gitPlace(call);
    case "dir": {
      const path = needed(call, "path", "DIR");
      return { store, path: resolve(cwd, call.text("chdir") ?? ".", path), id: null };
    }
    case "s3":
      return bucketOf(call);
  }
}

function storeOf(text: string): StoreName {
  const store = storeNames.find((name) => name === text);
  if (store !== undefined) return store;
  throw usage(`--store ${JSON.stringify(text)} is not one of ${storeNames.join(", ")}`);
}

/** One after the other, so that the flag is named that is wrong. */
function gitPlace(call: Call): LogPlace {
  const branch = call.text("log-branch") ?? "optout-log";
  const subjectPrefix = call.text("subject-prefix") ?? null;
  const plain = { store: "git", branch, id: null, subjectPrefix: null, pushOptions: null } as const;
  asInPolicy(plain, `--log-branch ${JSON.stringify(branch)} is not a name that git accepts`);
  const given = JSON.stringify(subjectPrefix);
  const problem = `--subject-prefix ${given} is not up to 60 characters of ASCII`;
  return asInPolicy({ ...plain, subjectPrefix }, problem);
}

function bucketOf(call: Call): LogPlace {
  return asInPolicy({
    store: "s3",
    bucket: needed(call, "bucket", "NAME"),
    prefix: call.text("prefix") ?? "",
    region: call.text("region") ?? null,
    endpoint: call.text("endpoint") ?? null,
    addressing: null,
    sse: null,
    kmsKey: null,
    id: null,
  });
}

/**
 * Judged as the policy will be that names it.
 * @param problem said instead of the reader's own words
 * @throws `usage`
 */
function asInPolicy(place: LogPlace, problem?: string): LogPlace {
  try {
    return parseLogPlace(logText(place));
  } catch (thrown) {
    throw problem === undefined ? thrown : usage(problem);
  }
}

function needed(call: Call, flag: string, value: string): string {
  const text = call.text(flag);
  if (text !== undefined) return text;
  throw usage(`--store ${call.text("store") ?? ""} needs --${flag} ${value}`);
}

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
