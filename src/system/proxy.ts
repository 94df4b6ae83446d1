/**
 * Whether a request goes through a proxy, as curl and git read it from the environment: `HTTPS_PROXY`
 * or `ALL_PROXY`, unless `NO_PROXY` names the host. Names in lower case come first.
 *
 * Plain http goes straight: it is for this very machine and for private networks. So does whatever
 * is on this machine. A proxy's address may hold a password, and is never told.
 */
import type { Agent } from "node:https";
import { OptoutError } from "../core/errors.ts";
import type { Environment } from "./places.ts";
import { isThisMachine } from "./this-machine.ts";

/** Null where the request goes straight. @throws `config-invalid` for what is no http proxy */
export function proxyFor(url: URL, env: Environment = process.env): URL | null {
  if (url.protocol !== "https:" || isThisMachine(url.hostname)) return null;
  const named = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].find((one) => env[one]);
  if (named === undefined || isExcepted(url, env["no_proxy"] ?? env["NO_PROXY"] ?? "")) return null;
  const text = env[named] ?? "";
  const full = text.includes("://") ? text : `http://${text}`;
  if (URL.canParse(full) && /^https?:/i.test(full)) return new URL(full);
  throw new OptoutError("config-invalid", `${named} is not the URL of an http proxy`, {
    hint: `${named}=http://proxy.example.com:3128`,
  });
}

/** `example.com` and `.example.com` stand for what is below them too; `*` for everything. */
function isExcepted({ hostname, port }: URL, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      const [, name = "", only] = /^(?:\*?\.)?(.+?)(?::(\d+))?$/.exec(entry) ?? [];
      if (name === "" || (only !== undefined && only !== (port === "" ? "443" : port))) {
        return false;
      }
      return name === "*" || hostname === name || hostname.endsWith(`.${name}`);
    });
}

interface Pool {
  readonly keepAlive?: boolean;
  readonly maxSockets?: number;
  /** Ends the tunnels too; for an agent of one exchange. */
  readonly signal?: AbortSignal;
}

/** For `node:https`; a tunnel that is not answered is given up after the `timeout` of the request. */
export async function agentThrough(proxy: URL, { signal, ...pool }: Pool = {}): Promise<Agent> {
  const { HttpsProxyAgent } = await import("hpagent");
  // its types know less than it hands on
  const proxyRequestOptions = { headers: {}, ...(signal === undefined ? {} : { signal }) };
  return new HttpsProxyAgent({ ...pool, proxy, proxyRequestOptions });
}

/** What a proxy answered instead of a tunnel, for people; null for any other fault. */
export function refusalIn(error: unknown): string | null {
  const [, status] =
    error instanceof Error ? (/^Bad response: (\d{3})$/.exec(error.message) ?? []) : [];
  return status === undefined ? null : `the proxy answers ${status}`;
}
