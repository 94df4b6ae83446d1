/**
 * A repository that is named instead of stood in (`-R`): an empty bare repository under the cache
 * directory whose only setting of note is the remote. Everything that a clone is asked can be asked
 * of it, and all that was fetched is kept beside it as in a clone.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";

import { OptoutError } from "../core/errors.ts";
import { createBareRepository } from "./bare-repository.ts";
import { readOwnClone, type Clone } from "./clone.ts";
import type { Deadline } from "./deadline.ts";
import { systemErrorCode } from "./files.ts";

/**
 * The clone that stands for a URL, made if it is not there.
 * @param cache optout's cache directory
 * @throws `config-invalid` when it cannot be made, `no-git`, `timeout`
 */
export async function openPrivateClone(
  url: string,
  { cache, deadline }: { readonly cache: string; readonly deadline: Deadline },
): Promise<Clone> {
  const name = createHash("sha256").update(url).digest("hex").slice(0, 32);
  const directory = join(cache, "repositories", name);
  try {
    createBareRepository(directory, "sha1", remoteSettings(url));
  } catch (thrown) {
    const code = systemErrorCode(thrown);
    if (code === null) throw thrown;
    throw new OptoutError("config-invalid", `${cache} cannot be written to (${code})`, {
      cause: thrown,
      hint: "export XDG_CACHE_HOME=/a/directory/of/yours",
    });
  }
  return readOwnClone(directory, { deadline });
}

function remoteSettings(url: string): string {
  const quoted = url.replaceAll(/["\\]/g, String.raw`\$&`);
  return `[remote "origin"]\n\turl = "${quoted}"\n`;
}
