/**
 * The key of the jobs, which `optout init` makes where it is wanted: by it they record what they used.
 * It can override nothing.
 */
import { OptoutError } from "../core/errors.ts";
import type { LogPlace } from "../core/policy.ts";
import { ciKeyQuestion, type CiKey } from "../output/init-words.ts";
import { askConfirm } from "../output/prompt.ts";
import type { InitCall } from "./init-operator.ts";

/** The name of its file. */
const name = "ci";

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
 * @param operator whose name it must not have
 * @throws `key-invalid` for a file of that name that is no key to use
 */
export async function chooseCiKey(
  { call, io, open, asks }: InitCall,
  operator: string,
  { store }: Pick<LogPlace, "store">,
): Promise<ChosenCiKey | null> {
  const mayAsk = asks && store !== "dir";
  const wants =
    call.has("ci-key") || (mayAsk && (await open.paused(() => askConfirm(io, ciKeyQuestion))));
  if (!wants) return null;
  const principal = operator === name ? `${name}-jobs` : name;
  const keyring = await open.keyring();
  const found = await keyring.find(name);
  if (found === null) {
    const ready = async (): Promise<CiKey> => {
      const wanted = { name, algorithm: "EdDSA", passphrase: null } as const;
      const { key, path } = await keyring.create(wanted);
      return { principal, key, path, made: true };
    };
    return { principal, ssh: null, ready };
  }
  if (found.kind === "refused") throw found.problem;
  const { key, path, encrypted } = found;
  if (encrypted) {
    throw new OptoutError(
      "key-invalid",
      `key file ${path} has a passphrase, which no job can type`,
      {
        hint: "optout keys create NAME --no-passphrase   (then add its line to the policy)",
      },
    );
  }
  return { principal, ssh: key.ssh, ready: async () => ({ principal, key, path, made: false }) };
}
