/**
 * Who is signed in where: tokens of the environment, of `optout login`, of the forges' own tools.
 *
 * A token is handed on and never shown. Which hosts there are stands in `hosts.json`, tokens do not.
 */
import { join } from "node:path";
import * as v from "valibot";
import { OptoutError } from "../core/errors.ts";
import { forgeNames } from "../core/forge-name.ts";
import type { Deadline } from "../system/deadline.ts";
import { ensurePrivateDirectory, readTextIfThere, writeFileAtomic } from "../system/files.ts";
import type { Environment, Places } from "../system/places.ts";
import { askProgram } from "../system/quiet-program.ts";
import type { ForgeHost, Grant, SignedIn } from "./api.ts";
import { endpointsOf, refreshGrant } from "./device-grant.ts";
import { tokenVariables, wellKnown } from "./hosts.ts";
import { forgetSecret, keepSecret, readSecret, type SecretPlace } from "./secrets.ts";

export interface SignInSetting {
  readonly env: Environment;
  readonly places: Places;
  readonly deadline: Deadline;
  /** Unix seconds. */
  readonly now: number;
}

/** A token with its host. */
export interface FoundToken {
  readonly at: ForgeHost;
  readonly token: string;
  /** For people: `GH_TOKEN`, `optout login`, `gh`. */
  readonly source: string;
}

/** The host's forge where it is known for sure; null otherwise. */
export function knownHost(host: string, { env, places }: SignInSetting): ForgeHost | null {
  return readHosts(places)[host] ?? wellKnown(host, env);
}

/** The token for a host, the environment's first; null where there is none. */
export async function findToken(host: string, setting: SignInSetting): Promise<FoundToken | null> {
  const { env } = setting;
  const at = knownHost(host, setting);
  if (at === null) return null;
  for (const name of tokenVariables(at)) {
    const token = env[name] ?? "";
    if (token !== "") return { at, token, source: name };
  }
  const stored = await storedToken(host, setting);
  if (stored !== null) return { at, token: stored, source: "optout login" };
  const [tool, ...args] =
    at.forge === "github"
      ? ["gh", "auth", "token", "--hostname", host]
      : ["glab", "config", "get", "token", "--host", host];
  const token = (await askProgram(tool ?? "", args, { env }))?.trim() ?? "";
  return token === "" ? null : { at, token, source: tool ?? "" };
}

/** Keeps what `optout login` got; where, for people. */
export async function keepSignIn(
  at: ForgeHost,
  grant: Grant,
  account: SignedIn,
  setting: SignInSetting,
): Promise<string> {
  const { places, now } = setting;
  const { place, where } = await keepSecret(at.host, secretOf(grant, now), setting);
  const { login, id } = account;
  const kept = { forge: at.forge, host: at.host, serverUrl: at.serverUrl, place, login, id };
  writeHosts(places, { ...readHosts(places), [at.host]: kept });
  return where;
}

/** Forgets it; false where there was nothing. */
export async function forgetSignIn(host: string, setting: SignInSetting): Promise<boolean> {
  const { [host]: found, ...rest } = readHosts(setting.places);
  if (found === undefined) return false;
  await forgetSecret(host, found.place, setting);
  writeHosts(setting.places, rest);
  return true;
}

/** The hosts that `optout login` was used for. */
export function signedInHosts({ places }: SignInSetting): readonly string[] {
  return Object.keys(readHosts(places));
}

// --- the token that is kept

const secretShape = v.object({
  token: v.string(),
  refresh: v.nullable(v.string()),
  expiresAt: v.nullable(v.number()),
  clientId: v.nullable(v.string()),
});

function secretOf(grant: Grant, now: number): string {
  const { token, refresh, expiresIn, clientId } = grant;
  const expiresAt = expiresIn === null ? null : now + expiresIn;
  return JSON.stringify({ token, refresh, expiresAt, clientId });
}

async function storedToken(host: string, setting: SignInSetting): Promise<string | null> {
  const kept = readHosts(setting.places)[host];
  if (kept === undefined) return null;
  const text = await readSecret(host, kept.place, setting);
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), secretShape), text ?? "");
  if (!result.success) return null;
  const { token, refresh, expiresAt, clientId } = result.output;
  if (expiresAt === null || expiresAt > setting.now + 60) return token;
  if (refresh === null || clientId === null) throw ended(host);
  const endpoints = endpointsOf(kept);
  const request = { name: host, endpoints, clientId, deadline: setting.deadline };
  const grant = await refreshGrant(request, refresh);
  const { place } = await keepSecret(host, secretOf(grant, setting.now), setting);
  writeHosts(setting.places, { ...readHosts(setting.places), [host]: { ...kept, place } });
  return grant.token;
}

function ended(host: string): OptoutError {
  return new OptoutError("not-signed-in", `the sign-in to ${host} has ended`, {
    hint: `optout login --host ${host}`,
  });
}

// --- hosts.json

interface KeptHost extends ForgeHost {
  readonly place: SecretPlace;
  readonly login: string;
  readonly id: number;
}

const hostsShape = v.record(
  v.string(),
  v.object({
    forge: v.picklist(forgeNames),
    host: v.string(),
    serverUrl: v.pipe(v.string(), v.url()),
    place: v.picklist(["keychain", "file"]),
    login: v.string(),
    id: v.number(),
  }),
);

const hostsPath = (places: Places): string => join(places.config(), "hosts.json");

function readHosts(places: Places): Readonly<Record<string, KeptHost>> {
  const path = hostsPath(places);
  const text = readTextIfThere(path);
  if (text === null) return {};
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), hostsShape), text);
  if (result.success) return result.output;
  throw new OptoutError("config-invalid", `${path} cannot be read`, {
    hint: `rm ${path}   and sign in again`,
  });
}

function writeHosts(places: Places, hosts: Readonly<Record<string, KeptHost>>): void {
  ensurePrivateDirectory(places.config());
  writeFileAtomic(hostsPath(places), `${JSON.stringify(hosts, null, 2)}\n`);
}
