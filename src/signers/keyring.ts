/**
 * The keys of this machine, for those who make and look at them.
 */
import type { SignatureAlgorithm } from "../core/keys.ts";
import type { Places } from "../system/places.ts";
import { createKeyFile, type CreatedKeyFile } from "./create-key-file.ts";
import { openKeyFile } from "./key-file.ts";
import {
  findKeyFile,
  isFreeKeyName,
  keyDirectory,
  listKeyFiles,
  type KeyFile,
} from "./key-store.ts";
import type { Signer } from "./signer.ts";
import { askAgent, type Agent, type AgentRequest } from "./ssh-keys.ts";

export interface Keyring {
  readonly directory: string;
  list(): Promise<readonly KeyFile[]>;
  agent(): Promise<Agent>;
  find(name: string): Promise<KeyFile | null>;
  isFree(name: string): Promise<boolean>;
  create(wanted: {
    readonly name: string;
    readonly algorithm: SignatureAlgorithm;
    readonly passphrase: string | null;
    readonly comment?: string | undefined;
  }): Promise<CreatedKeyFile>;
  /** Opens a key file with the passphrase that is known; nobody is asked. */
  open(path: string, passphrase: string | null): Promise<Signer>;
}

/** Opens the directory of keys; it need not exist. */
export function openKeyring(places: Places, agent: AgentRequest): Keyring {
  const directory = keyDirectory(places);
  return {
    directory,
    list: () => listKeyFiles(directory),
    agent: () => askAgent(agent),
    find: (name) => findKeyFile(directory, name),
    isFree: (name) => isFreeKeyName(directory, name),
    create: (wanted) => createKeyFile({ directory, ...wanted }),
    open: (path, passphrase) => openKeyFile(path, passphrase === null ? {} : { passphrase }),
  };
}
