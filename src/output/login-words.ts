/**
 * What `optout login` and `optout logout` say. Codes and names come from the forge: other people's text.
 */
import type { ForgeName } from "../core/forge-name.ts";
import { forTerminal } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";

export function codeLines(
  { code, url }: { readonly code: string; readonly url: string },
  paint: Paint,
): readonly string[] {
  return [
    marked(paint, "waiting", `open ${forTerminal(url)}`),
    `  and enter the code ${paint("strong", forTerminal(code))}`,
  ];
}

export interface LoginJson {
  readonly kind: "optout/login";
  readonly v: 1;
  readonly host: string;
  readonly forge: ForgeName;
  readonly login: string;
  readonly id: number;
  /** Where the sign-in is kept. */
  readonly kept: string;
}

export interface SignedInTold {
  readonly account: { readonly host: string; readonly login: string; readonly id: number };
  readonly where: string;
  /** Where the token for the host comes from now. */
  readonly winner: string | null;
}

export function signedInLines(
  { account, where, winner }: SignedInTold,
  paint: Paint,
): readonly string[] {
  const { host, login, id } = account;
  const who = `signed in to ${forTerminal(host)} as ${forTerminal(login)} (account ${id})`;
  const lines = [marked(paint, "restored", who), `  the token is in ${forTerminal(where)}`];
  if (winner === null || winner === "optout login") return lines;
  return [...lines, marked(paint, "suspended", `${forTerminal(winner)} is set and goes first`)];
}

export interface SignedOutTold {
  readonly host: string;
  readonly wasKept: boolean;
  readonly remaining: string | null;
}

export function signedOutLine({ host, wasKept, remaining }: SignedOutTold, paint: Paint): string {
  const name = forTerminal(host);
  const done = wasKept ? `signed out of ${name}` : `there was no sign-in to ${name}`;
  const rest =
    remaining === null ? "" : `; there is still a token for it from ${forTerminal(remaining)}`;
  return marked(paint, "restored", `${done}${rest}`);
}
