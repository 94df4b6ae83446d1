/**
 * One HTTP exchange with the server of a bucket: the whole answer, or why there is none. Connections
 * are kept for the next one.
 */
import type { Agent, IncomingHttpHeaders, IncomingMessage, RequestOptions } from "node:http";

import { systemErrorCode } from "../system/files.ts";
import type { BucketServer } from "./s3-place.ts";

export interface HttpRequest {
  readonly method: "GET" | "PUT" | "DELETE";
  /** Path and query, encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Why there is no answer, as a word: the system's code, `silence`, `cut`, `too large`. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

export interface Http {
  /**
   * @param signal ends it
   * @throws `NoAnswer`; whether the request was carried out is not known then
   */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
}

export interface HttpSetting {
  readonly server: BucketServer;
  /** Milliseconds of silence after which an exchange is given up. */
  readonly silence: number;
  /** Where a proxy may be named. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Connections at the same time. */
export const connections = 32;
/** Bytes of an answer beyond which it is refused. */
const maxAnswerBytes: number = 64 * 1024 * 1024;

/** Opens no connection yet. */
export async function openHttp({ server, silence, env }: HttpSetting): Promise<Http> {
  // only one of the two, for each costs a job some of its time
  const node = server.isSecure ? await import("node:https") : await import("node:http");
  const pool = { keepAlive: true, maxSockets: connections };
  const proxy = server.isSecure ? await proxyAgent(server, pool, env) : null;
  const agent: Agent = proxy ?? new node.Agent(pool);
  const options: RequestOptions = {
    agent,
    hostname: server.hostname,
    ...(server.port === null ? {} : { port: server.port }),
    timeout: silence,
  };
  return {
    send: ({ method, path, headers, body }, signal) =>
      new Promise((resolve, reject) => {
        const fail = (error: unknown): void => reject(noAnswer(error));
        const request = node.request({ ...options, method, path, headers, signal }, (answer) => {
          whole(answer).then(resolve, fail);
        });
        request.on("timeout", () => request.destroy(new NoAnswer("silence")));
        request.on("error", fail);
        request.end(body ?? undefined);
      }),
  };
}

/** Null where no variable names a proxy: a job does not load what it would not use. */
async function proxyAgent(
  { hostname, port }: BucketServer,
  pool: { readonly keepAlive: boolean; readonly maxSockets: number },
  env: HttpSetting["env"],
): Promise<Agent | null> {
  const names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
  if (names.every((name) => !env[name])) return null;
  const { agentThrough, proxyFor } = await import("../system/proxy.ts");
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const found = proxyFor(new URL(`https://${host}${port === null ? "" : `:${port}`}/`), env);
  return found === null ? null : agentThrough(found, pool);
}

async function whole(answer: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.byteLength;
    if (size > maxAnswerBytes) throw new NoAnswer("too large");
    chunks.push(chunk);
  }
  if (!answer.complete) throw new NoAnswer("cut");
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) };
}

/** The words of the system's errors name addresses only; they are left out all the same. */
function noAnswer(error: unknown): NoAnswer {
  if (error instanceof NoAnswer) return error;
  return new NoAnswer(systemErrorCode(error) ?? "no answer");
}
