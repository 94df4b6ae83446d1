/**
 * `fetch` for the APIs of other services: every answer is whole or an error, each attempt has an end,
 * and what may pass is tried again within the deadline.
 *
 * A request that only reads is repeated after faults of the network and of the server; one that
 * changes something only where the server says that it did not carry it out (429, and 403 of a limit;
 * GitHub, "Best practices for using the REST API"; GitLab, "Rate limits").
 */
import { OptoutError } from "../core/errors.ts";
import type { fetchThrough } from "./proxied-fetch.ts";
import { proxyFor, refusalIn } from "./proxy.ts";
import { deadlineError, sleep, type Deadline } from "./deadline.ts";

export interface Patience {
  readonly deadline: Deadline;
  /** What to call the service in messages. */
  readonly name: string;
  /** Milliseconds for one attempt. */
  readonly attempt?: number;
  /** Milliseconds before the second attempt; doubles. */
  readonly firstWait?: number;
}

const maxAttempts = 4;
/** Whoever asks for a longer wait is told to the user, who decides. */
const longestWait = 60_000;
const maxBytes = 16 * 1024 * 1024;

/**
 * A `fetch` that waits and tries again.
 * @throws `unreachable` when the service cannot be reached, or wants a longer wait; `timeout`
 */
export function patientFetch(patience: Patience): typeof fetch {
  return async (input, init) => {
    const isRead = ["GET", "HEAD"].includes((init?.method ?? "GET").toUpperCase());
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await once(input, init, patience);
      const backoff = (patience.firstWait ?? 500) * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
      const wait = waitAfter(outcome, isRead, backoff);
      if (wait === null) return answerOf(outcome);
      if (wait > longestWait) throw tooLong(patience.name, wait);
      if (attempt === maxAttempts) return answerOf(outcome);
      await sleep(wait, patience.deadline, `waiting for ${patience.name}`);
    }
  };
}

type Outcome = Response | OptoutError;

function answerOf(outcome: Outcome): Response {
  if (outcome instanceof OptoutError) throw outcome;
  return outcome;
}

/** One attempt, with its body read to the end. */
async function once(
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
  { deadline, name, attempt = 15_000 }: Patience,
): Promise<Outcome> {
  const signal = AbortSignal.any([deadline, AbortSignal.timeout(attempt)]);
  const request = new Request(input, { ...init, signal });
  const proxy = proxyFor(new URL(request.url));
  try {
    const response = await (proxy === null
      ? fetch(request)
      : throughProxy(proxy, request, { signal, timeout: attempt, maxBytes }));
    const body = await wholeBody(response);
    const { status, statusText, headers } = response;
    return new Response(body, { status, statusText, headers });
  } catch (error) {
    if (deadline.aborted) throw deadlineError(deadline, `waiting for ${name}`);
    // the cause may hold the request with its token
    return new OptoutError("unreachable", `${name} cannot be reached (${reasonOf(error)})`, {
      hint: "try again",
    });
  }
}

async function throughProxy(...args: Parameters<typeof fetchThrough>): Promise<Response> {
  const { fetchThrough: send } = await import("./proxied-fetch.ts");
  return send(...args);
}

async function wholeBody(response: Response): Promise<Uint8Array<ArrayBuffer> | null> {
  if (response.body === null || [204, 205, 304].includes(response.status)) return null;
  const body: ReadableStream<Uint8Array> = response.body;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error("its answer is too large");
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Milliseconds to wait before the next attempt; null where the outcome stands. */
function waitAfter(outcome: Outcome, isRead: boolean, backoff: number): number | null {
  if (outcome instanceof OptoutError) return isRead ? backoff : null;
  const { status, headers } = outcome;
  if (status === 429 || (status === 403 && isLimit(headers))) {
    return Math.max(backoff, askedWait(headers));
  }
  if (!isRead || status < 500) return null;
  return Math.max(backoff, askedWait(headers));
}

const isLimit = (headers: Headers): boolean =>
  headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0";

/** Milliseconds: of `retry-after`, else until the limit is lifted. */
function askedWait(headers: Headers): number {
  const after = headers.get("retry-after");
  if (after !== null)
    return Number(after) * 1000 || Math.max(0, Date.parse(after) - Date.now()) || 0;
  if (headers.get("x-ratelimit-remaining") !== "0") return 0;
  const reset = Number(headers.get("x-ratelimit-reset"));
  return Number.isFinite(reset) && reset > 0 ? Math.max(0, reset * 1000 - Date.now()) : 0;
}

function tooLong(name: string, milliseconds: number): OptoutError {
  const minutes = Math.ceil(milliseconds / 60_000);
  return new OptoutError("unreachable", `${name} limits requests and asks to wait ${minutes} min`, {
    hint: `try again in ${minutes} min`,
  });
}

/** Its code (`ECONNREFUSED`), else what kind of error it is; never its text, which may hold a URL. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { cause } = error;
  const refusal = refusalIn(cause);
  if (refusal !== null) return refusal;
  if (cause instanceof Error && "code" in cause) {
    const code = String(cause.code);
    if (!code.startsWith("UND_ERR_SOCKET")) return code;
  }
  if (error.name === "TimeoutError") return "no answer";
  return error.message === "its answer is too large" ? error.message : "the answer was cut";
}
