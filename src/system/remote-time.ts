/**
 * The time of the host that a clone's remote is on, where it is reached over http: the `Date` of an
 * answer (RFC 9110, section 6.6.1). Nothing but the host is asked, and nothing is sent along.
 */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

import { placeOfClone, type Clone } from "./clone.ts";
import type { Deadline } from "./deadline.ts";
import { runGit } from "./git.ts";

export interface RemoteTime {
  readonly host: string;
  /** Seconds since 1970. */
  readonly time: number;
}

/** Milliseconds that the host may take. */
const patience = 3_000;

/** Null where the remote is not reached over http, or does not tell. */
export async function readRemoteTime(clone: Clone, deadline: Deadline): Promise<RemoteTime | null> {
  if (clone.remote === null) return null;
  const place = placeOfClone(clone, { interactive: false, deadline });
  // as git would go there, with its `insteadOf`
  const { stdout } = await runGit(["ls-remote", "--get-url", clone.remote.name], place);
  const [, origin, host] =
    /^(https?:\/\/)(?:[^/@]*@)?([^/\s]+)/i.exec(stdout.toString("utf8")) ?? [];
  if (origin === undefined || host === undefined) return null;
  const date = await dateOf(
    `${origin}${host}/`,
    AbortSignal.any([deadline, AbortSignal.timeout(patience)]),
  );
  const time = Math.floor(Date.parse(date ?? "") / 1000);
  return Number.isNaN(time) ? null : { host, time };
}

function dateOf(url: string, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const send = url.toLowerCase().startsWith("https:") ? httpsRequest : httpRequest;
    const sent = send(url, { method: "HEAD", signal }, (response) => {
      response.resume();
      resolve(response.headers.date ?? null);
    });
    sent.on("error", () => resolve(null));
    sent.end();
  });
}
