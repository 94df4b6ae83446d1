/**
 * Finds the keys there are to sign with. The list of sources is here: a new one is its file and one
 * line. Which key is used is for the caller: the first that the policy knows.
 */
import { asOptoutError, OptoutError } from "../core/errors.ts";
import { envKey } from "./env-key.ts";
import { findNamedKeyFile, keyFiles } from "./key-file.ts";
import type { Candidate, Found, SignerRequest, SignerSource } from "./source.ts";
import { findAgentKeys, sshKeys } from "./ssh-agent.ts";

/** In the order in which they are preferred. */
const sources: readonly SignerSource[] = [sshKeys, keyFiles];

/**
 * The candidates in order of preference, and why there are not more. What was named explicitly
 * stands alone: `--key NAME`, else `OPTOUT_KEY` or `OPTOUT_KEY_FILE`.
 * @throws `no-key`, `key-invalid`, `key-locked`, `usage` for what was named and cannot be used;
 *   `timeout` when the deadline fires
 */
export async function findSigners(request: SignerRequest): Promise<Found> {
  if (request.keyName !== undefined) {
    return { candidates: [await findNamed(request, request.keyName)], problems: [] };
  }
  const given = await envKey(request);
  if (given !== null) return { candidates: [given], problems: [] };
  return findInSources(request);
}

/** A key file is looked for first: no comment in an agent can stand in its way. */
async function findNamed(request: SignerRequest, name: string): Promise<Candidate> {
  const file = await findNamedKeyFile(request, name);
  if (file !== null) return file;
  const [found, second] = await findAgentKeys(request, name);
  if (second !== undefined) {
    throw new OptoutError("usage", `several keys of the ssh agent are called ${name}`, {
      hint: "name it by its fingerprint: --key SHA256:...   (optout keys list)",
    });
  }
  if (found !== undefined) return found;
  throw new OptoutError("no-key", `there is no key named ${name}`, { hint: "optout keys list" });
}

async function findInSources(request: SignerRequest): Promise<Found> {
  const candidates: Candidate[] = [];
  const problems: OptoutError[] = [];
  for (const source of sources) {
    try {
      const found = await source.find(request);
      candidates.push(...found.candidates);
      problems.push(...found.problems);
    } catch (thrown) {
      const problem = asOptoutError(thrown);
      if (problem.code === "timeout" || problem.code === "interrupted") throw problem;
      problems.push(problem);
    }
  }
  return { candidates, problems };
}
