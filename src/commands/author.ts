/**
 * Who acts: the first key at hand that the policy knows and that can sign. Where there is none, why,
 * and the one thing to do about it.
 */
import { OptoutError } from "../core/errors.ts";
import type { Principal } from "../core/policy.ts";
import type { Signer } from "../signers/signer.ts";
import type { FoundKey, FoundKeys, OpenLog } from "./openers.ts";

/** The principal, and the key that signs. */
export interface Author {
  readonly principal: Principal;
  readonly signer: Signer;
}

/**
 * The first key that the policy knows and that opens, a person's before one of CI.
 * @throws why the known one does not open; else `key-unknown` when the policy knows none, `no-key`
 *   or what is wrong with the sources when there is none at all
 */
export function authorOf(log: Pick<OpenLog, "policy" | "policySource">, found: FoundKeys): Author {
  const all = found.candidates.flatMap((one) => {
    const owner = log.policy.keys.get(one.key.kid)?.owner;
    return owner === undefined ? [] : [{ one, owner }];
  });
  // who made the key of CI on this machine still signs as a person
  const isPerson = ({ owner }: { readonly owner: Principal }): boolean => owner.kind === "person";
  const known = [...all.filter(isPerson), ...all.filter((one) => !isPerson(one))];
  for (const { one, owner } of known) {
    const signer = signerOf(one);
    if (signer !== null) return { principal: owner, signer };
  }
  const [first] = known;
  if (first !== undefined) return { principal: first.owner, signer: first.one.open() };
  throw nobody(log, found);
}

/** The signer of a key, or null where it does not open. */
export function signerOf(found: FoundKey): Signer | null {
  try {
    return found.open();
  } catch {
    return null;
  }
}

/** A key made for optout is more likely meant than one that is there for ssh; one of CI's never is. */
function nobody(
  { policySource }: Pick<OpenLog, "policySource">,
  { candidates, problems }: FoundKeys,
): OptoutError {
  const usable = candidates.filter((one) => one.kind !== "ci" && signerOf(one) !== null);
  const unknown = usable.find(({ kind }) => kind === "file") ?? usable[0];
  if (unknown === undefined) return noKey(candidates, problems);
  const { source, key } = unknown;
  const agent = problems.find(({ code }) => code === "agent-failed" || code === "no-key");
  const more = agent === undefined ? "" : `\n${agent.message}`;
  return new OptoutError(
    "key-unknown",
    `${source} (${key.fingerprint}) belongs to nobody in ${policySource}${more}`,
    { hint: `add this line to your keys in .optout/policy.yaml and merge it:\n${key.ssh}` },
  );
}

function noKey(candidates: readonly FoundKey[], [problem]: FoundKeys["problems"]): OptoutError {
  candidates.find(({ kind }) => kind === "file")?.open(); // says why it must not be used
  return (
    problem ??
    new OptoutError("no-key", "there is no key to sign with", {
      hint: "optout keys create   (then add its line to the policy)",
    })
  );
}
