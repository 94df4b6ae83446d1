/**
 * What `--debug` tells while a command works: each git and each request with its end, on stderr. Of a
 * request neither path nor headers are told: the path of a webhook is its secret.
 */
import { subscribe } from "node:diagnostics_channel";
import { ClientRequest, IncomingMessage } from "node:http";

import { forTerminal, shorten } from "../output/escape.ts";
import type { Io } from "../output/io.ts";
import { redact } from "../output/redact.ts";
import { traceGitTo } from "../system/git-trace.ts";

const longestLine = 300;

/** From now on, to the end of the process. */
export function trace(io: Pick<Io, "err">): void {
  const say = (line: string): void =>
    io.err(`debug: ${forTerminal(shorten(redact(line), longestLine))}\n`);
  traceGitTo(say);
  subscribe("http.client.response.finish", (message) => {
    const line = requestLine(message);
    if (line !== null) say(line);
  });
}

/** `PUT hooks.example.com ended with 200`; null for a message that is none of a request. */
function requestLine(message: unknown): string | null {
  if (typeof message !== "object" || message === null) return null;
  if (!("request" in message) || !("response" in message)) return null;
  const { request, response } = message;
  if (!(request instanceof ClientRequest) || !(response instanceof IncomingMessage)) return null;
  return `${request.method} ${request.host} ended with ${response.statusCode ?? "nothing"}`;
}
