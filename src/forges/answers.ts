/**
 * What the clients of both forges share: answers read strictly, and refusals as errors.
 */
import * as v from "valibot";
import { OptoutError } from "../core/errors.ts";
import type { ForgeCall } from "./api.ts";

/** What a request brought: never a failure of the network, which throws. */
export interface Answer {
  readonly status: number;
  /** JSON where it was JSON, else null. */
  readonly body: unknown;
}

/** Sends a request to the forge's API. @throws `unreachable`, `timeout` */
export type Ask = (
  method: "GET" | ForgeCall["method"],
  path: string,
  body?: object,
) => Promise<Answer>;

/** The answer's value. @throws `unreachable` where it is not of the shape */
function readAnswer<T>(host: string, schema: v.GenericSchema<unknown, T>, body: unknown): T {
  const result = v.safeParse(schema, body, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? "it";
  throw new OptoutError("unreachable", `${host} answered what cannot be read (${where})`);
}

/** The value of a read. @throws `not-signed-in`, `forge-refused`, `unreachable` */
export async function get<T>(
  host: string,
  ask: Ask,
  path: string,
  schema: v.GenericSchema<unknown, T>,
): Promise<T> {
  return readAnswer(host, schema, accepted(host, `GET ${path}`, await ask("GET", path)).body);
}

/** The same of a change. */
export async function change<T>(
  host: string,
  ask: Ask,
  { method, path, body }: ForgeCall,
  schema: v.GenericSchema<unknown, T>,
): Promise<T> {
  const answer = await ask(method, path, body);
  return readAnswer(host, schema, accepted(host, `${method} ${path}`, answer).body);
}

/** All pages of a list, up to `most` of `perPage` items. */
export async function pages<T>(
  read: (page: number) => Promise<readonly T[]>,
  { perPage, most }: { readonly perPage: number; readonly most: number },
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let page = 1; page <= most; page += 1) {
    const found = await read(page);
    all.push(...found);
    if (found.length < perPage) break;
  }
  return all;
}

function accepted(host: string, what: string, answer: Answer): Answer {
  const { status } = answer;
  if (status < 300) return answer;
  if (status === 401) {
    throw new OptoutError("not-signed-in", `${host} does not accept the token`, {
      hint: `optout login --host ${host}`,
    });
  }
  if (status >= 500) throw new OptoutError("unreachable", `${host} answered ${status}`);
  const why = messageOf(answer);
  throw new OptoutError(
    "forge-refused",
    `${host} refuses ${what.split("?")[0]}: ${status}${why === null ? "" : ` (${why})`}`,
    { hint: "optout whoami" },
  );
}

/** The forge's own sentence, cut: it is other people's text. */
export function messageOf({ body }: Answer): string | null {
  if (typeof body !== "object" || body === null) return null;
  const text: unknown = "message" in body ? body.message : "error" in body ? body.error : null;
  if (typeof text === "string") return text.slice(0, 200);
  return text === null ? null : JSON.stringify(text).slice(0, 200);
}

/** Unix seconds of an RFC 3339 time; 0 where there is none. */
export function secondsOf(time: string | null | undefined): number {
  const milliseconds = Date.parse(time ?? "");
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
}

/** A POST below the repository's path. */
export function postIn(base: () => string): (path: string, body?: ForgeCall["body"]) => ForgeCall {
  return (path, body) => ({
    method: "POST",
    path: base() + path,
    ...(body === undefined ? {} : { body }),
  });
}

/** Ids go into paths, and may have been typed. @throws `usage` */
export function numeric(id: string): string {
  if (/^[0-9]{1,20}$/.test(id)) return id;
  throw new OptoutError("usage", `${JSON.stringify(id)} is not the number of a run or a job`);
}
