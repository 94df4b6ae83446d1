/**
 * Which forge a host is, and where its API answers. Tokens go only to hosts that are known for sure:
 * a name that merely looks like a forge's may be anybody's.
 */
import { OptoutError } from "../core/errors.ts";
import { forgeByName, type ForgeName } from "../core/forge-name.ts";
import type { Environment } from "../system/places.ts";
import { isThisMachine } from "../system/this-machine.ts";
import type { ForgeHost } from "./api.ts";

/** The host that everybody knows, or that the environment of a job or of the forge's own tool names. */
export function wellKnown(host: string, env: Environment): ForgeHost | null {
  const of = (forge: ForgeName, serverUrl = `https://${host}`): ForgeHost => ({
    forge,
    host,
    serverUrl,
  });
  if (host === "github.com" || host.endsWith(".ghe.com")) return of("github");
  if (host === "gitlab.com") return of("gitlab");
  const named: readonly (readonly [ForgeName, string])[] = [
    ["github", "GITHUB_SERVER_URL"],
    ["github", "GH_HOST"],
    ["gitlab", "CI_SERVER_URL"],
    ["gitlab", "GITLAB_HOST"],
  ];
  for (const [forge, variable] of named) {
    const url = serverUrlOf(env[variable] ?? "");
    if (url !== null && url.hostname === host) return of(forge, withoutSlash(url));
  }
  return null;
}

/**
 * A host that a user names, by its name or its URL.
 * @throws `usage` where the forge is not told and the name does not tell it
 */
export function namedHost(name: string, forge: ForgeName | null, env: Environment): ForgeHost {
  const url = serverUrlOf(name);
  if (url === null) {
    throw new OptoutError("usage", `${JSON.stringify(name)} is no host, and no https URL`, {
      hint: "optout login --host gitlab.example.com",
    });
  }
  const known = wellKnown(url.hostname, env);
  const kind = forge ?? known?.forge ?? forgeByName(url.hostname);
  if (kind === null) {
    throw new OptoutError("usage", `${url.hostname} may be GitHub or GitLab: say which`, {
      hint: `optout login --host ${name} --forge gitlab`,
    });
  }
  const serverUrl = name.includes("://") ? withoutSlash(url) : known?.serverUrl;
  return { forge: kind, host: url.hostname, serverUrl: serverUrl ?? withoutSlash(url) };
}

/** Plain http is for this machine only. */
function serverUrlOf(name: string): URL | null {
  const text = name.includes("://") ? name : `https://${name}`;
  if (name === "" || !URL.canParse(text)) return null;
  const url = new URL(text);
  const isSafe =
    url.protocol === "https:" || (url.protocol === "http:" && isThisMachine(url.hostname));
  return isSafe && url.username === "" && url.search === "" && url.hash === "" ? url : null;
}

const withoutSlash = (url: URL): string => url.href.replace(/\/+$/, "");

/** Where the API answers. */
export function apiUrlOf({ forge, host, serverUrl }: ForgeHost): string {
  if (forge === "gitlab") return `${serverUrl}/api/v4`;
  if (host === "github.com" || host.endsWith(".ghe.com")) return `https://api.${host}`;
  return `${serverUrl}/api/v3`;
}

/** The variables that may hold a token for the host, the first that is set counts. */
export function tokenVariables({ forge, host }: ForgeHost): readonly string[] {
  if (forge === "gitlab") return ["GITLAB_TOKEN", "GITLAB_ACCESS_TOKEN"];
  return host === "github.com" || host.endsWith(".ghe.com")
    ? ["GH_TOKEN", "GITHUB_TOKEN"]
    : ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GITHUB_TOKEN"];
}
