/**
 * How git pushes with the token of a sign-in: as the only credential helper for that server, which
 * reads it from a setting that travels in the environment. So it stands in no argument, in no file,
 * and no other helper of the user's keeps it.
 */
import type { Setting } from "../system/git-guard.ts";
import type { FoundToken } from "./sign-in.ts";

const tokenKey = "optout.token";

/** Both forges take any name; these are the ones that they document for tokens of applications. */
const names = { github: "x-access-token", gitlab: "oauth2" } as const;

/** None where the URL leads elsewhere than to the server that was signed in to. */
export function gitSettings(url: string, { at, token }: FoundToken): readonly Setting[] {
  const { origin } = new URL(at.serverUrl);
  if (!URL.canParse(url) || new URL(url).origin !== origin) return [];
  const answer = String.raw`printf 'username=${names[at.forge]}\npassword=%s\n' "$(git config ${tokenKey})"`;
  const key = `credential.${origin}.helper`;
  return [
    { key: tokenKey, value: token },
    // an empty one puts aside those that came before (gitcredentials(7))
    { key, value: "" },
    { key, value: `!f() { if [ "$1" = get ]; then ${answer}; fi; }; f` },
  ];
}
