/**
 * The forges that optout knows, and which of them a host's name speaks of.
 */

export const forgeNames = ["github", "gitlab"] as const;
export type ForgeName = (typeof forgeNames)[number];

/**
 * The forge that a host's name speaks of: `gitlab.acme.com`, `gitlab-ce.acme.com`,
 * `ghe.acme.com`. For words and defaults; never for a token, since such a name may be anybody's.
 * @param host lower case
 */
export function forgeByName(host: string): ForgeName | null {
  const words = new Set(host.split(/[.-]/));
  if (words.has("gitlab")) return "gitlab";
  return words.has("github") || words.has("ghe") ? "github" : null;
}
