/**
 * What a source of signers is: a place where private keys are found, before anyone chose one.
 *
 * A source tells the public keys it has; which of them the policy knows is for others to say
 * (`policy.keys.get(candidate.key.kid)`).
 */
import type { PublicKey } from "../core/keys.ts";
import type { Environment, Places } from "../system/places.ts";
import type { Signer } from "./signer.ts";

/** Asks a person for a passphrase; what it throws (a Ctrl-C) is passed on. `attempt` counts from 1. */
export type AskPassphrase = (question: {
  readonly source: string;
  readonly attempt: number;
}) => Promise<string>;

export interface SignerRequest {
  readonly env: Environment;
  readonly places: Places;
  /** `--key NAME`: this key file and nothing else. */
  readonly keyName?: string | undefined;
  /** Absent where no one can be asked. */
  readonly askPassphrase?: AskPassphrase | undefined;
}

export interface Candidate {
  readonly key: PublicKey;
  /** For people, as in `Signer`. */
  readonly source: string;
  /**
   * The signer; asks nothing yet, and may be called twice.
   * @throws `key-invalid` when the key is there but must not be used (a file that others can read)
   */
  open(): Signer;
}

export interface SignerSource {
  readonly name: string;
  /**
   * The keys of this source in a stable order; empty when it has none.
   * @throws `key-invalid` or `key-locked` when it has keys, none of which can be told
   */
  find(request: SignerRequest): Promise<readonly Candidate[]>;
}
