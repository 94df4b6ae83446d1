/**
 * An account on a forge, and whether it is the one that the policy gives a principal.
 */
import type { ForgeName } from "./forge-name.ts";
import type { Principal } from "./policy.ts";

/** As the forge itself told it, for a token. */
export interface Account {
  readonly forge: ForgeName;
  readonly host: string;
  readonly login: string;
  /** The forge's own number, which outlives a rename. */
  readonly id: number;
}

/** By number where the policy has it: a name that was given up can be taken by somebody else. */
export function isAccountOf(principal: Principal, { forge, login, id }: Account): boolean {
  const number = forge === "github" ? principal.githubId : principal.gitlabId;
  if (number !== null) return number === id;
  return principal[forge]?.toLowerCase() === login.toLowerCase();
}

/** `alice on github.com`. */
export function nameOf({ login, host }: Account): string {
  return `${login} on ${host}`;
}
