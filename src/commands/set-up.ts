/**
 * What the commands that set things up may open, beside what all commands may: keys to make and look
 * at, and the store before there is a trusted policy.
 */
import type { OptoutError } from "../core/errors.ts";
import type { PublicKey, SignatureAlgorithm } from "../core/keys.ts";
import type { LogPlace } from "../core/policy.ts";
import type { Signer } from "../signers/signer.ts";
import type { Store } from "../stores/store.ts";

/** Whom git would name as the author of a commit here; null where it does not know. */
export interface Identity {
  readonly name: string | null;
  readonly email: string | null;
}

/** A key file of this machine, usable or with what is wrong with it. */
export type StoredKey =
  | {
      readonly kind: "usable";
      readonly name: string;
      readonly path: string;
      readonly key: PublicKey;
      /** Of the OpenSSH line; may be empty. */
      readonly comment: string;
      readonly encrypted: boolean;
    }
  | {
      readonly kind: "refused";
      readonly name: string;
      readonly path: string;
      readonly key: PublicKey | null;
      readonly problem: OptoutError;
    };

interface NewKey {
  readonly name: string;
  readonly algorithm: SignatureAlgorithm;
  /** Null: not encrypted. */
  readonly passphrase: string | null;
  /** Ends the OpenSSH line; the name when not given. */
  readonly comment?: string | undefined;
}

interface CreatedKey {
  readonly name: string;
  readonly path: string;
  readonly key: PublicKey;
  /** The line for the policy, with a comment. */
  readonly publicLine: string;
}

/** The ssh agent, with its keys or with what is wrong with it. */
export interface AgentKeys {
  /** Null where there is none. */
  readonly place: { readonly path: string } | null;
  /** `refused`: of a type that optout does not sign with. Comments are one printable line. */
  readonly keys: readonly (
    | { readonly kind: "usable"; readonly key: PublicKey; readonly comment: string }
    | {
        readonly kind: "refused";
        readonly fingerprint: string;
        readonly comment: string;
        readonly problem: OptoutError;
      }
  )[];
  readonly problem: OptoutError | null;
}

/** The key files of this machine, and the keys of its ssh agent. */
export interface Keyring {
  readonly directory: string;
  /** By name. @throws `key-invalid` when the directory cannot be read */
  list(): Promise<readonly StoredKey[]>;
  agent(): Promise<AgentKeys>;
  /** @throws `usage` for what cannot be a name */
  find(name: string): Promise<StoredKey | null>;
  /** Whether neither half of a key has that name. */
  isFree(name: string): Promise<boolean>;
  /** @throws `usage` for a name that is taken; nothing is ever overwritten */
  create(wanted: NewKey): Promise<CreatedKey>;
  /** Opens a key file with the passphrase that is known; nobody is asked. */
  open(path: string, passphrase: string | null): Promise<Signer>;
}

export interface SetUpOpeners {
  identity(): Promise<Identity>;
  keyring(): Promise<Keyring>;
  /**
   * The store that a policy of the work tree names, for `init`: there is no trusted policy yet.
   * @throws `no-remote` where a branch cannot be kept anywhere, and what the store's opening throws
   */
  store(place: LogPlace): Promise<Store>;
  /** The commit of the remote's default branch; null while the remote has none. */
  remoteCommit(): Promise<string | null>;
  /** Runs what asks a person; the deadline stands still meanwhile. */
  paused<T>(ask: () => Promise<T>): Promise<T>;
  /** Waits. @throws `timeout`, `interrupted` */
  sleep(milliseconds: number): Promise<void>;
}
