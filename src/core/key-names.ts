/**
 * The names of key files. By its name a key that was made for CI is known on the machine that made it,
 * and is never taken for a person's.
 */

/** The name of a key that was given none. */
export const defaultKeyName = "default";

/** `ci`, as older versions and the docs name it, and `ci-` with the repository. */
export function isCiKeyName(name: string): boolean {
  return name === "ci" || name.startsWith("ci-");
}

/** The name for a repository's: `ci-acme-shop` for `acme/shop`. Always a name for a key file. */
export function ciKeyName(repository: string): string {
  const ascii = repository.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const slug = ascii.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "");
  return `ci-${slug === "" ? "jobs" : slug}`.slice(0, 60);
}
