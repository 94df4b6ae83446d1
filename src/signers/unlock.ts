/**
 * Opens a private key that may be encrypted: with the passphrase given, else by asking, three times
 * at most. A key that is not encrypted opens without a question.
 */
import { keyLocked } from "./key-errors.ts";
import { readPrivateKey, type PrivateKey } from "./private-key.ts";
import type { AskPassphrase, SignerRequest } from "./source.ts";

const maxAttempts = 3;

export interface PassphraseSource {
  /** From `OPTOUT_KEY_PASSPHRASE`: tried once, and then nobody is asked. */
  readonly passphrase?: string | undefined;
  readonly askPassphrase?: AskPassphrase | undefined;
}

/**
 * The private key in a text.
 * @throws `key-locked` when no passphrase can be had or none was right; `key-invalid` as
 *   `readPrivateKey`; whatever `askPassphrase` throws
 */
export async function unlock(
  text: string,
  source: string,
  from: PassphraseSource,
): Promise<PrivateKey> {
  const given = await readPrivateKey(text, source, from.passphrase);
  if (given !== "locked") return given;
  if (from.passphrase !== undefined) {
    throw keyLocked(
      source,
      "OPTOUT_KEY_PASSPHRASE does not open it",
      "unset OPTOUT_KEY_PASSPHRASE",
    );
  }
  if (from.askPassphrase === undefined) {
    throw keyLocked(
      source,
      "needs a passphrase, and there is no one to ask",
      "set OPTOUT_KEY_PASSPHRASE, or run it in a terminal",
    );
  }
  return unlockByAsking(text, source, from.askPassphrase);
}

/** What may open the encrypted keys of a request. An empty variable is one that is not set. */
export function passphraseOf(request: SignerRequest): PassphraseSource {
  const passphrase = request.env["OPTOUT_KEY_PASSPHRASE"];
  return {
    passphrase: passphrase === "" ? undefined : passphrase,
    askPassphrase: request.askPassphrase,
  };
}

async function unlockByAsking(text: string, source: string, ask: AskPassphrase) {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const privateKey = await readPrivateKey(text, source, await ask({ source, attempt }));
    if (privateKey !== "locked") return privateKey;
  }
  throw keyLocked(
    source,
    `${maxAttempts} wrong passphrases (or the file is damaged)`,
    "try again, or make a new key: optout keys create",
  );
}
