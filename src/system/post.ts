/**
 * One POST to a host that the policy allows, tried again while that may help and time is left.
 *
 * Addresses are secrets: no message here holds more of one than its host. Plain http is for this very
 * machine; a redirect to another place is refused, and so is a name that leads to this machine or to
 * the addresses at which clouds hand out credentials.
 */
import { lookup, type LookupAddress, type LookupOptions } from "node:dns";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { BlockList, isIP } from "node:net";

import { OptoutError } from "../core/errors.ts";
import { deadlineError, sleep } from "./deadline.ts";
import { agentThrough, proxyFor, refusalIn } from "./proxy.ts";
import { systemErrorCode } from "./files.ts";
import { isThisMachine } from "./this-machine.ts";

export interface Post {
  /** The whole address, which may be a secret. */
  readonly address: string;
  /** `hooks.example.com`, with `:8443`, or `*.example.com` for whatever ends so. */
  readonly hosts: readonly string[];
  /** Made anew for each try. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  /** Milliseconds until the signal fires. */
  readonly left: () => number;
}

const mostTries = 4;
const mostHops = 3;

/**
 * Resolves when the other side has answered with a success.
 * @throws `config-invalid`, `refused` for an address that must not be used; `unreachable`, `timeout`
 */
export async function post(request: Post): Promise<void> {
  let url = allowedUrl(request.address, request.hosts);
  let tries = 0;
  let hops = 0;
  for (;;) {
    const answer = await once(url, request);
    if (answer.kind === "done") return;
    if (answer.kind === "moved" && hops < mostHops) {
      url = redirectOf(url, answer.location);
      hops += 1;
      continue;
    }
    tries += 1;
    const wait = waitAfter(answer, tries);
    if (wait === null || tries >= mostTries || wait >= request.left()) throw failed(url, answer);
    await sleep(wait, request.signal, doing(url));
  }
}

/** What came back. */
type Answer =
  | { readonly kind: "done" }
  | { readonly kind: "moved"; readonly location: string }
  | { readonly kind: "status"; readonly status: number; readonly retryAfter: number | null }
  | { readonly kind: "broken"; readonly code: string };

const doing = (url: URL): string => `telling ${url.host}`;

function failed(url: URL, answer: Answer): OptoutError {
  const asks =
    answer.kind === "status" && answer.retryAfter !== null
      ? ` and asks to wait ${Math.ceil(answer.retryAfter / 1000)} s`
      : "";
  const what =
    answer.kind === "status"
      ? `answered ${answer.status}${asks}`
      : `cannot be reached (${answer.kind === "broken" ? answer.code : "too many redirects"})`;
  return new OptoutError("unreachable", `${url.host} ${what}`);
}

// --- addresses

/** @throws `config-invalid`, `refused` */
export function allowedUrl(address: string, hosts: readonly string[]): URL {
  if (!URL.canParse(address)) {
    throw new OptoutError("config-invalid", "the channel's address is not a URL");
  }
  const url = new URL(address);
  if (url.username !== "" || url.password !== "") {
    throw new OptoutError("config-invalid", "the channel's address holds a user or a password");
  }
  const isPlainHere = url.protocol === "http:" && isThisMachine(url.hostname);
  if (url.protocol !== "https:" && !isPlainHere) {
    throw new OptoutError("refused", `${url.protocol} is not a way to tell anybody: https: is`);
  }
  if (!hosts.some((entry) => isHost(entry, url))) {
    throw new OptoutError("refused", `the policy does not let the channel send to ${url.host}`, {
      hint: "hosts: [...] of the channel in .optout/policy.yaml",
    });
  }
  return url;
}

function isHost(entry: string, url: URL): boolean {
  if (!entry.startsWith("*.")) return entry === url.host;
  return url.host.endsWith(entry.slice(1)) && url.host.length >= entry.length;
}

/** The same place under another path, or nothing: a receiver does not hand a secret on. */
function redirectOf(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : null;
  if (to !== null && to.origin === from.origin && to.username === "") return to;
  throw new OptoutError("refused", `${from.host} sends on to another place, which is not followed`);
}

const blockList = (...nets: readonly (readonly [string, number])[]): BlockList => {
  const list = new BlockList();
  for (const [net, prefix] of nets) list.addSubnet(net, prefix, isIP(net) === 6 ? "ipv6" : "ipv4");
  return list;
};

/** This machine, the unspecified address, link-local (where clouds keep metadata), AWS's own over IPv6. */
const inward = blockList(
  ["127.0.0.0", 8],
  ["0.0.0.0", 8],
  ["169.254.0.0", 16],
  ["::", 127],
  ["fe80::", 10],
  ["fd00:ec2::", 32],
);

type Found = (
  error: NodeJS.ErrnoException | null,
  found: string | LookupAddress[],
  family?: number,
) => void;

/** As `dns.lookup`; a name that leads inward is not found. Addresses are never looked up. */
function lookupOutward(name: string, options: LookupOptions, done: Found): void {
  lookup(name, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, []);
    const outward = addresses.filter(
      ({ address, family }) => !inward.check(address, family === 6 ? "ipv6" : "ipv4"),
    );
    const [first] = name === "localhost" ? addresses : outward;
    if (first === undefined) {
      const refusal: NodeJS.ErrnoException = new Error("leads to this machine or its metadata");
      refusal.code = "INWARD";
      refusal.syscall = "lookup";
      return done(refusal, []);
    }
    if (options.all === true) return done(null, name === "localhost" ? addresses : outward);
    done(null, first.address, first.family);
  });
}

// --- one try

async function once(url: URL, { headers, body, signal, left }: Post): Promise<Answer> {
  const proxy = proxyFor(url);
  const agent = proxy === null ? false : await agentThrough(proxy, { signal });
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(deadlineError(signal, doing(url)));
    const content = Buffer.from(body, "utf8");
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const sent = send(
      url,
      {
        method: "POST",
        agent,
        timeout: Math.max(1, Math.ceil(left())),
        signal,
        // behind a proxy names are looked up there
        lookup: lookupOutward,
        headers: { "user-agent": "optout", ...headers(), "content-length": content.byteLength },
      },
      (response) => {
        // the status is the whole answer; what follows it may never end
        resolve(answerOf(response));
        response.destroy();
      },
    );
    sent.on("error", (error) => {
      if (signal.aborted) reject(deadlineError(signal, doing(url)));
      else resolve({ kind: "broken", code: codeOf(error) });
    });
    sent.end(content);
  });
}

function answerOf({ statusCode: status = 0, headers }: IncomingMessage): Answer {
  if (status >= 200 && status < 300) return { kind: "done" };
  const { location } = headers;
  // only these two keep the method and the body (RFC 9110, section 15.4)
  if ((status === 307 || status === 308) && location !== undefined) {
    return { kind: "moved", location };
  }
  return { kind: "status", status, retryAfter: retryAfterOf(headers["retry-after"]) };
}

/** Milliseconds; seconds or a date (RFC 9110, section 10.2.3). */
function retryAfterOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

/** What may be told of a fault: its code, which holds no address. */
function codeOf(error: Error): string {
  const refusal = refusalIn(error);
  if (refusal !== null) return refusal;
  const code = systemErrorCode(error) ?? ("code" in error ? error.code : null);
  return typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code) ? code : "connection lost";
}

// --- waiting

/** Milliseconds to wait before the next try; null where no try will help. */
function waitAfter(answer: Answer, tries: number): number | null {
  if (answer.kind === "done" || answer.kind === "moved") return null;
  const chance = Math.random() * Math.min(250 * 2 ** tries, 4000);
  if (answer.kind === "broken") return answer.code === "INWARD" ? null : chance;
  const { status, retryAfter } = answer;
  if (status !== 408 && status !== 425 && status !== 429 && status < 500) return null;
  return retryAfter ?? chance;
}
