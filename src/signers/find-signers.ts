/**
 * Finds the keys there are to sign with. The list of sources is here: a new one is its file and one
 * line. Which key is used is for the caller: the first that the policy knows.
 */
import { asOptoutError, type OptoutError } from "../core/errors.ts";
import { envKey } from "./env-key.ts";
import { keyFiles } from "./key-file.ts";
import type { Candidate, SignerRequest, SignerSource } from "./source.ts";

/** In the order in which they are preferred. */
const sources: readonly SignerSource[] = [keyFiles];

/**
 * The candidates in order of preference; empty when there is no key at all. What was named
 * explicitly stands alone: `--key NAME`, else `OPTOUT_KEY` or `OPTOUT_KEY_FILE`.
 * @throws `no-key`, `key-invalid`, `key-locked`, `usage` for what was named and cannot be used;
 *   `key-invalid` or `config-invalid` when sources failed and no other has a key
 */
export async function findSigners(request: SignerRequest): Promise<readonly Candidate[]> {
  if (request.keyName !== undefined) return keyFiles.find(request);
  const given = await envKey.find(request);
  return given.length > 0 ? given : findInSources(request);
}

async function findInSources(request: SignerRequest): Promise<readonly Candidate[]> {
  const found: Candidate[] = [];
  const problems: OptoutError[] = [];
  for (const source of sources) {
    try {
      found.push(...(await source.find(request)));
    } catch (thrown) {
      problems.push(asOptoutError(thrown));
    }
  }
  const [problem] = problems;
  if (found.length === 0 && problem !== undefined) throw problem;
  return found;
}
