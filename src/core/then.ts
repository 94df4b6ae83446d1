/**
 * The policy of then: the one that a statement names, where the log in view holds its text.
 *
 * Authority is judged by the policy of now, but who restricted something and lost a role or a key
 * since must not permit it by that. Nothing is ever permitted by a policy of then.
 */
import { parseStrictJson } from "./json.ts";
import { decodeJws } from "./jws.ts";
import { sha256Base64url } from "./crypto.ts";
import { isRecord } from "./claim.ts";
import { parsePolicy } from "./policy-parse.ts";
import type { Policy } from "./policy.ts";
import { readPosition, type Reading, type Verdict } from "./reading.ts";
import type { View } from "./view.ts";

/** More policies are not read for one view: each costs as much as that of now. */
const maxPolicies = 16;

const known = new WeakMap<View, Map<string, Policy | null>>();

/** The policy with the digest, where its text is in view and can be read; else null. */
function policyThen(view: View, digest: string): Policy | null {
  if (digest === view.policy.digest) return view.policy;
  const read = known.get(view) ?? new Map<string, Policy | null>();
  known.set(view, read);
  const policy = read.get(digest);
  if (policy !== undefined) return policy;
  if (read.size >= maxPolicies) return null;
  const found = recordedPolicy(view, digest);
  read.set(digest, found);
  return found;
}

/** What the reading is by the policy that it names; null where that is not known. */
export function verdictThen(
  view: View,
  reading: Reading,
): { readonly policy: Policy; readonly verdict: Verdict } | null {
  const { claim, bytes, seq } = reading;
  const digest = claim?.policy ?? null;
  const policy = digest === null ? null : policyThen(view, digest);
  if (policy === null) return null;
  if (policy === view.policy) return { policy, verdict: reading.verdict() };
  return { policy, verdict: readPosition(bytes, { seq, previous: null }, policy).verdict() };
}

/** The digest proves the text, whoever recorded it. */
function recordedPolicy(view: View, digest: string): Policy | null {
  for (const { claim, jws } of view.where("kind", "policy.recorded")) {
    if (claim?.policy !== digest || jws === null) continue;
    const decoded = decodeJws(jws);
    const json = typeof decoded === "string" ? null : parseStrictJson(decoded.payload);
    const text = json?.ok === true && isRecord(json.value) ? json.value["text"] : null;
    if (typeof text !== "string" || sha256Base64url(text) !== digest) continue;
    try {
      return parsePolicy(Buffer.from(text), "the policy of then");
    } catch {
      return null;
    }
  }
  return null;
}
