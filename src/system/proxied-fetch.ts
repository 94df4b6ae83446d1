/**
 * `fetch` through a proxy: Node's own knows none before Node 24. The answer is whole.
 */
import { request as httpsRequest } from "node:https";
import { agentThrough } from "./proxy.ts";

const mostHops = 3;

export interface Limits {
  readonly signal: AbortSignal;
  /** Milliseconds of silence after which the tunnel is given up. */
  readonly timeout: number;
  readonly maxBytes: number;
}

/** Follows redirects of reads within the same host. @throws what the network throws */
export async function fetchThrough(
  proxy: URL,
  request: Request,
  limits: Limits,
): Promise<Response> {
  const body = Buffer.from(await request.arrayBuffer());
  let url = new URL(request.url);
  for (let hop = 0; ; hop += 1) {
    const response = await once(proxy, { url, request, body }, limits);
    const location = response.headers.get("location");
    const isMoved = response.status >= 301 && response.status <= 308 && location !== null;
    const to = isMoved ? new URL(location, url) : null;
    if (to?.origin !== url.origin || request.method !== "GET" || hop === mostHops) return response;
    url = to;
  }
}

interface Sending {
  readonly url: URL;
  readonly request: Request;
  readonly body: Buffer;
}

async function once(
  proxy: URL,
  { url, request, body }: Sending,
  { signal, timeout, maxBytes }: Limits,
): Promise<Response> {
  const agent = await agentThrough(proxy, { signal });
  const headers = Object.fromEntries(request.headers);
  return new Promise((resolve, reject) => {
    const { method } = request;
    const sent = httpsRequest(url, { method, headers, agent, signal, timeout }, (answer) => {
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on("data", (chunk: Buffer) => {
        size += chunk.byteLength;
        if (size > maxBytes) answer.destroy(new Error("its answer is too large"));
        else chunks.push(chunk);
      });
      answer.on("error", reject);
      answer.on("end", () => {
        const status = answer.statusCode ?? 0;
        const whole = [204, 205, 304].includes(status) ? null : Buffer.concat(chunks);
        resolve(new Response(whole, { status, headers: textsOf(answer.headers) }));
      });
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer")));
    sent.on("error", (error) => {
      // `fetch` tells the system's fault as the cause
      reject(new TypeError("fetch failed", { cause: error }));
    });
    sent.end(body);
  });
}

function textsOf(headers: NodeJS.Dict<string | string[]>): Headers {
  const texts = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of [value ?? []].flat()) texts.append(name, one);
  }
  return texts;
}
