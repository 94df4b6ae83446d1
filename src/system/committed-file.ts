/**
 * A file as it stands in a commit of the user's clone, which is named as people name commits.
 */
import { OptoutError } from "../core/errors.ts";
import { placeOfClone, type Clone } from "./clone.ts";
import type { Deadline } from "./deadline.ts";
import { runGit } from "./git.ts";
import { readFileInCommit } from "./tree-file.ts";

/**
 * @param ref a branch, tag or commit of the clone: `origin/main`, `HEAD~1`
 * @throws `not-found` for a commit that is not there, `policy-missing` where it has no such file
 */
export async function committedFile(
  clone: Clone,
  ref: string,
  path: string,
  { deadline }: { readonly deadline: Deadline },
): Promise<{ readonly commit: string; readonly bytes: Uint8Array }> {
  const place = placeOfClone(clone, { interactive: false, deadline });
  const found = await runGit(
    ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`],
    place,
  );
  const commit = found.stdout.toString().trim();
  if (found.status !== 0 || !/^[0-9a-f]{40,64}$/.test(commit)) {
    throw new OptoutError("not-found", `the clone has no commit ${JSON.stringify(ref)}`, {
      hint: "git fetch origin",
    });
  }
  const file = await readFileInCommit(place, { commit, path });
  if (file.kind === "file") return { commit, bytes: file.bytes };
  throw new OptoutError("policy-missing", `there is no ${path} at ${ref}`, {
    hint: "optout policy check",
  });
}
