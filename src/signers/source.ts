/**
 * What a source of signers is: a place where private keys are found, before anyone chose one.
 *
 * A source tells the public keys it has; which of them the policy knows is for others to say
 * (`policy.keys.get(candidate.key.kid)`).
 */
import type { OptoutError } from "../core/errors.ts";
import type { PublicKey } from "../core/keys.ts";
import type { Deadline } from "../system/deadline.ts";
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
  /** `--key NAME`: a key file, or a key of the ssh agent by its fingerprint or comment. */
  readonly keyName?: string | undefined;
  /** The remote's, for what ssh's configuration says of it. */
  readonly host?: string | null;
  readonly deadline?: Deadline | undefined;
  /** Absent where no one can be asked. */
  readonly askPassphrase?: AskPassphrase | undefined;
}

export interface Candidate {
  readonly key: PublicKey;
  /** For people, as in `Signer`. */
  readonly source: string;
  /**
   * `file`: made or given for optout; `ssh`: a key that its owner uses for ssh too; `ci`: a key file
   * made for CI, which no person signs with.
   */
  readonly kind: "file" | "ssh" | "ci";
  /**
   * The signer; asks nothing yet, and may be called twice.
   * @throws `key-invalid` when the key is there but must not be used (a file that others can read);
   *   `no-key` when only its public part is (a key that the ssh agent does not hold)
   */
  open(): Signer;
}

/** What a source has, and what keeps it from having more: one bad key must not hide the others. */
export interface Found {
  readonly candidates: readonly Candidate[];
  readonly problems: readonly OptoutError[];
}

export interface SignerSource {
  readonly name: string;
  /**
   * The keys of this source in a stable order.
   * @throws `config-invalid` or `key-invalid` when it cannot even be looked at
   */
  find(request: SignerRequest): Promise<Found>;
}
