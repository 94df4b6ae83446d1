/**
 * Signing in and out, and opening a forge's API for whom is signed in.
 */
import { OptoutError } from "../core/errors.ts";
import { forgeByName, type ForgeName } from "../core/forge-name.ts";
import { parseRepositoryUrl } from "../system/repository-url.ts";
import type { ApiSetting, ForgeApi, SignIns } from "./api.ts";
import { endpointsOf, grantByDevice } from "./device-grant.ts";
import { gitSettings } from "./git-token.ts";
import { apiUrlOf, namedHost, wellKnown } from "./hosts.ts";
import {
  findToken,
  forgetSignIn,
  keepSignIn,
  knownHost,
  signedInHosts,
  type SignInSetting,
} from "./sign-in.ts";

/** What optout needs: runs to be run again, statuses, comments. GitHub Apps have none of these. */
const scopes: Readonly<Record<ForgeName, string>> = { github: "repo", gitlab: "api" };

export function openSignIns(
  setting: SignInSetting,
  open: (forge: ForgeName, api: ApiSetting) => Promise<ForgeApi>,
): SignIns {
  const { env, deadline } = setting;
  return {
    at: (name, forge) => {
      const named = namedHost(name, forge, env);
      const known = knownHost(named.host, setting);
      return name.includes("://") || known === null || forge !== null ? named : known;
    },
    likelyForge: (host) => wellKnown(host, env)?.forge ?? forgeByName(host),
    grant: (at, clientId, tell) => {
      const endpoints = endpointsOf(at);
      const scope = scopes[at.forge];
      return grantByDevice({ name: at.host, endpoints, clientId, scope, deadline }, tell);
    },
    keep: async (at, grant) => {
      const { host, forge } = at;
      const apiUrl = apiUrlOf(at);
      const api = await open(forge, {
        host,
        apiUrl,
        token: grant.token,
        repository: null,
        deadline,
      });
      const account = await api.whoAmI();
      return { account, where: await keepSignIn(at, grant, account, setting) };
    },
    forget: (host) => forgetSignIn(host, setting),
    hosts: () => signedInHosts(setting),
    source: async (host) => (await findToken(host, setting))?.source ?? null,
    gitSettings: async (url) => {
      const found = await findToken(parseRepositoryUrl(url).host, setting);
      return found === null ? [] : gitSettings(url, found);
    },
    api: async ({ host, name }) => {
      const found = await findToken(host, setting);
      if (found === null) throw nobody(host, knownHost(host, setting) !== null);
      const { at, token } = found;
      return open(at.forge, { host, apiUrl: apiUrlOf(at), token, repository: name, deadline });
    },
  };
}

function nobody(host: string, isKnown: boolean): OptoutError {
  if (host === "local") {
    return new OptoutError("not-signed-in", "the remote of this clone is on no forge", {
      hint: "git remote -v   (origin must be on GitHub or GitLab)",
    });
  }
  const message = isKnown
    ? `there is no sign-in to ${host}`
    : `${host} is not known to be GitHub or GitLab, so no token is sent there`;
  return new OptoutError("not-signed-in", message, { hint: `optout login --host ${host}` });
}
