/**
 * Which repository a remote's URL names, whatever form the URL has.
 */

/** `{ host: "github.com", name: "acme/shop" }`; the host of a path on this machine is `local`. */
export interface RepositoryName {
  /** Lower case, without a port. */
  readonly host: string;
  /** Owner and name as the URL spells them, without `.git`; for a path its last part. */
  readonly name: string;
}

/** Hosts that offer ssh on port 443 under another name. */
const aliases: Readonly<Record<string, string>> = {
  "ssh.github.com": "github.com",
  "altssh.gitlab.com": "gitlab.com",
  "altssh.bitbucket.org": "bitbucket.org",
};

/** The repository that a remote's URL names (forms: git-fetch(1), "GIT URLS"). Never throws. */
export function parseRepositoryUrl(url: string): RepositoryName {
  const schemed =
    /^([a-z][a-z0-9+.-]*):\/\/(?:[^/?#\\]*@)?(\[[^\]]*\]|[^/:?#\\]*)(?::\d*)?(?:\/(.*))?$/is.exec(
      url,
    );
  if (schemed !== null) {
    const [, scheme = "", host = "", path = ""] = schemed;
    return scheme.toLowerCase() === "file" ? local(path) : remote(host, path);
  }
  // what is no URL of git's names no host: curl ends it at "?", this pattern would look behind it
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return local(url);
  const scp = /^(?:[^@:/]*@)?(\[[^\]]*\]|[^:/[]+):(.*)$/s.exec(url);
  if (scp === null) return local(url);
  const [, host = "", path = ""] = scp;
  return remote(host, path);
}

/**
 * The URL that git uses in place of another, by its `url.<base>.insteadOf` settings.
 * @param rewrites pairs of a base and a prefix that it stands in for
 */
export function rewriteUrl(
  url: string,
  rewrites: readonly { readonly base: string; readonly prefix: string }[],
): string {
  let best: { readonly base: string; readonly prefix: string } | null = null;
  for (const rewrite of byBase(rewrites)) {
    const longer = rewrite.prefix.length > (best?.prefix.length ?? -1);
    if (longer && url.startsWith(rewrite.prefix)) best = rewrite;
  }
  return best === null ? url : best.base + url.slice(best.prefix.length);
}

/** git looks at all prefixes of one base before those of the next; of equal ones the first wins. */
function byBase<T extends { readonly base: string }>(rewrites: readonly T[]): readonly T[] {
  const bases = [...new Set(rewrites.map(({ base }) => base))];
  return bases.flatMap((base) => rewrites.filter((one) => one.base === base));
}

function remote(host: string, path: string): RepositoryName {
  const bare = host.replace(/^\[(.*)\]$/s, "$1").toLowerCase();
  const name = trimmed(path);
  if (bare === "" || name === "") return local(path);
  return { host: aliases[bare] ?? bare, name };
}

function local(path: string): RepositoryName {
  return { host: "local", name: trimmed(path).split("/").at(-1) ?? "" };
}

function trimmed(path: string): string {
  return path
    .replaceAll(/\/{2,}/g, "/")
    .replace(/^\/+/, "")
    .replace(/\/+$/, "")
    .replace(/\/?\.git$/, "");
}
