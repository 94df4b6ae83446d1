/**
 * The names of the members of an override's JSON; the compiler asks for each.
 */
import type { OverrideJson } from "./override-json.ts";

/** What `--fields` may name: `effects` and what follows it are there right after a command alone. */
const members: Readonly<Record<keyof OverrideJson | "effects" | "told" | "repeat", true>> = {
  kind: true,
  v: true,
  id: true,
  seq: true,
  action: true,
  target: true,
  scope: true,
  repository: true,
  state: true,
  reason: true,
  tickets: true,
  by: true,
  key: true,
  keyInPolicy: true,
  approvals: true,
  emergency: true,
  reviews: true,
  notes: true,
  issuedAt: true,
  notBefore: true,
  expiresAt: true,
  once: true,
  uses: true,
  runs: true,
  results: true,
  policy: true,
  signedUnder: true,
  entry: true,
  effects: true,
  told: true,
  repeat: true,
};
export const overrideMembers: readonly string[] = Object.keys(members);
