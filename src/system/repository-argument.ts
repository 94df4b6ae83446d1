/**
 * How people name a repository on the command line.
 */
import { resolve } from "node:path";

import { OptoutError } from "../core/errors.ts";

/** What is needed to understand the name of a repository. */
export interface NamedIn {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The URL of a repository that is named `OWNER/NAME`, `HOST/OWNER/NAME`, as a URL of git's, or as a
 * path that begins with `/`, `./` or `../`.
 * @throws `usage` for anything else, and for a URL with a password, which would be written down
 */
export function repositoryUrl(text: string, { cwd, env }: NamedIn): string {
  const url = isPlain(text) ? (urlIn(text, cwd) ?? urlOfName(text, env)) : null;
  if (url !== null) return url;
  throw new OptoutError("usage", `--repo ${JSON.stringify(text)} names no repository`, {
    hint: "-R OWNER/NAME, -R gitlab.com/GROUP/NAME, -R git@HOST:NAME.git, or -R ./PATH",
  });
}

/** A path or a URL, of the kinds that start no program; null for something else. */
function urlIn(text: string, cwd: string): string | null {
  if (/^\.{0,2}\//.test(text)) return resolve(cwd, text);
  if (/^[a-z+]+:\/\/[^/@]*:[^/@]*@/i.test(text)) {
    throw new OptoutError("usage", "--repo is not to hold a password", {
      hint: "git credential approve   (or another helper of git's keeps it)",
    });
  }
  const isUrl = /^(?:https?|ssh|git|file):\/\/[^\s-]/i.test(text);
  const isScp = /^(?:[\w.][\w.-]*@[\w.][\w.-]*|[\w-]+\.[\w.-]+):[^\s:-]\S*$/.test(text);
  return isUrl || isScp ? text : null;
}

function urlOfName(text: string, env: NamedIn["env"]): string | null {
  const parts = text.split("/");
  if (!parts.every((part) => /^\w[\w.-]*$/.test(part))) return null;
  if (parts.length === 2) return `https://${env["GH_HOST"] || "github.com"}/${text}`;
  return parts.length > 2 && parts[0]?.includes(".") === true ? `https://${text}` : null;
}

// oxlint-disable-next-line eslint/no-control-regex -- control characters are what it refuses
const isPlain = (text: string): boolean => !/[\u0000-\u001f\u007f]/.test(text);
