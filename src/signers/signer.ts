/**
 * What a signer is: something that holds one private key and signs bytes with it.
 */
import type { PublicKey } from "../core/keys.ts";

export interface Signer {
  readonly key: PublicKey;
  /** For people: `key file /home/a/.local/share/optout/keys/laptop.pem`, `OPTOUT_KEY`. */
  readonly source: string;
  /**
   * Signs the JWS signing input (RFC 7515, section 5.1). Ed25519: 64 bytes; P-256: R and S, 32
   * bytes each (RFC 7518, section 3.4).
   * @throws `key-locked` when a passphrase is needed and cannot be had, or is wrong
   */
  sign(signingInput: Uint8Array): Promise<Uint8Array>;
}
