/**
 * The key of the jobs, which `optout init` makes where it is wanted: by it they record what they used.
 * It can override nothing.
 */
import { ciKeyName } from "../core/key-names.ts";
import { OptoutError } from "../core/errors.ts";
import type { PublicKey } from "../core/keys.ts";
import type { LogPlace } from "../core/policy.ts";
import { ciKeyQuestion, type CiKey } from "../output/init-words.ts";
import { askConfirm } from "../output/prompt.ts";
import type { InitCall } from "./init-operator.ts";
import type { Workplace } from "./openers.ts";
import type { Keyring } from "./set-up.ts";

/** Its name in the policy. */
const principalName = "ci";

/** Before anything is made: the key's OpenSSH line where it is there already. */
export interface ChosenCiKey {
  readonly principal: string;
  readonly ssh: string | null;
  /** Makes it, where it is not there. */
  ready(): Promise<CiKey>;
}

/**
 * Null where nobody wants one: `--ci-key` says so, and a terminal is asked, but for a log in a directory,
 * which jobs elsewhere cannot write.
 * Each repository has a key of its own: who steals one must not write to the logs of others.
 * @param operator whose name and key it must not have
 */
export async function chooseCiKey(
  { call, io, open, asks }: InitCall,
  operator: { readonly id: string; readonly key: PublicKey | null },
  { store }: Pick<LogPlace, "store">,
): Promise<ChosenCiKey | null> {
  const mayAsk = asks && store !== "dir";
  const wants =
    call.has("ci-key") || (mayAsk && (await open.paused(() => askConfirm(io, ciKeyQuestion))));
  if (!wants) return null;
  const principal = operator.id === principalName ? `${principalName}-jobs` : principalName;
  const workplace = await open.workplace();
  return keyFor({ keyring: await open.keyring(), workplace, principal, not: operator.key });
}

interface Wanted {
  readonly keyring: Keyring;
  readonly workplace: Workplace;
  readonly principal: string;
  /** The operator's. */
  readonly not: PublicKey | null;
}

/** The key that an earlier run made for this repository, else one under the first name that is free. */
async function keyFor({ keyring, workplace, principal, not }: Wanted): Promise<ChosenCiKey> {
  const comment = commentFor(workplace);
  for (const name of namesFor(workplace)) {
    const found = await keyring.find(name);
    if (found?.kind === "usable" && !found.encrypted && found.comment === comment) {
      const { key, path } = found;
      if (key.kid === not?.kid) continue;
      return {
        principal,
        ssh: key.ssh,
        ready: async () => ({ principal, key, path, made: false }),
      };
    }
    if (!(await keyring.isFree(name))) continue;
    const wanted = { name, algorithm: "EdDSA", passphrase: null, comment } as const;
    const ready = async (): Promise<CiKey> => {
      const { key, path } = await keyring.create(wanted);
      return { principal, key, path, made: true };
    };
    return { principal, ssh: null, ready };
  }
  throw new OptoutError("usage", "every name for a key of this repository's CI is taken", {
    hint: `optout keys list   (they are in ${keyring.directory})`,
  });
}

/** By it the next run finds the key that one which was stopped has made. */
function commentFor({ repository: { host, name }, root }: Workplace): string {
  const where = host === "local" ? (root ?? name) : `${host}/${name}`;
  return `ci of ${where.replaceAll(/[^\x21-\x7e]/g, "?").slice(-150)}`;
}

/** Repositories of several hosts may have the same name. */
function namesFor({ repository }: Workplace): readonly string[] {
  const first = ciKeyName(repository.name);
  return [first, ...Array.from({ length: 20 }, (_, index) => `${first}-${index + 2}`)];
}
