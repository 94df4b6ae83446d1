/**
 * The policy of then: the one that a statement names, where the log in view holds its text.
 *
 * Authority is judged by the policy of now, but who restricted something and lost a role or a key
 * since must not permit it by that. Nothing is ever permitted by a policy of then.
 */
import { sha256Base64url } from "./crypto.ts";
import { parseStrictJson } from "./json.ts";
import { parsePolicy } from "./policy-parse.ts";
import type { Policy } from "./policy.ts";
import { readPosition, type Reading, type Verdict } from "./reading.ts";
import type { PolicyRecorded } from "./statement.ts";
import { readStatement } from "./statement-shape.ts";
import type { View } from "./view.ts";

/** Without a limit: were there one, whoever may push could use it up before a policy that restricts. */
const known = new WeakMap<View, Map<string, Policy | null>>();

/** The policy that the reading names, where its text is in view and can be read; else null. */
export function policyThen(view: View, { claim }: Pick<Reading, "claim">): Policy | null {
  const digest = claim?.policy ?? null;
  if (digest === null) return null;
  if (digest === view.policy.digest) return view.policy;
  const read = known.get(view) ?? new Map<string, Policy | null>();
  known.set(view, read);
  const policy = read.get(digest);
  if (policy !== undefined) return policy;
  const found = policyIn(view, digest);
  read.set(digest, found);
  return found;
}

/** What the reading is by the policy that it names; null where that is not known. */
export function verdictThen(
  view: View,
  reading: Reading,
): { readonly policy: Policy; readonly verdict: Verdict } | null {
  const { bytes, seq } = reading;
  const policy = policyThen(view, reading);
  if (policy === null) return null;
  if (policy === view.policy) return { policy, verdict: reading.verdict() };
  return { policy, verdict: readPosition(bytes, { seq, previous: null }, policy).verdict() };
}

function policyIn(view: View, digest: string): Policy | null {
  const records = view.where("kind", "policy.recorded");
  for (const reading of records.filter(({ claim }) => claim?.policy === digest)) {
    const found = recordedPolicy(reading);
    if (found !== null) return found.policy;
  }
  return null;
}

/**
 * The policy that a position records, if it can be read. Unproven on purpose: the digest proves the
 * text, whoever recorded it. That it ever was the policy is not said.
 */
export function recordedPolicy({
  jws,
  seq,
}: Reading): { readonly recorded: PolicyRecorded; readonly policy: Policy } | null {
  const [, payload = ""] = jws?.split(".") ?? [];
  const json = parseStrictJson(Buffer.from(payload, "base64url"));
  const read = json.ok ? readStatement("policy.recorded", json.value) : null;
  if (read?.ok !== true || read.statement.kind !== "policy.recorded") return null;
  const recorded = read.statement;
  if (sha256Base64url(recorded.text) !== recorded.policy) return null;
  try {
    return {
      recorded,
      policy: parsePolicy(Buffer.from(recorded.text, "utf8"), `policy of #${seq}`),
    };
  } catch {
    return null;
  }
}
