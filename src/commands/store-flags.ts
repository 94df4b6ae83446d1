/**
 * The flags by which `optout init` is told where the log is kept.
 */
import type { LogPlace } from "../core/policy.ts";

export type StoreName = LogPlace["store"];

/** Of each store, those that say where in it. */
export const storeFlags: Readonly<Record<StoreName, readonly string[]>> = {
  git: ["log-branch", "subject-prefix"],
  dir: ["path"],
  s3: ["bucket", "prefix", "region", "endpoint"],
};

export const storeNames: readonly StoreName[] = Object.keys(storeFlags) as StoreName[];
