/**
 * Signing in without a browser on this machine: the device authorization grant (RFC 8628), which both
 * forges speak. GitHub answers a refusal with status 200; the member `error` tells.
 */
import * as v from "valibot";
import { OptoutError } from "../core/errors.ts";
import { sleep, type Deadline } from "../system/deadline.ts";
import { patientFetch } from "../system/patient-fetch.ts";
import type { ForgeHost, Grant, Verification } from "./api.ts";

export interface GrantRequest {
  readonly name: string;
  readonly endpoints: Endpoints;
  readonly clientId: string;
  readonly scope: string;
  readonly deadline: Deadline;
}

export interface Endpoints {
  readonly device: string;
  readonly token: string;
}

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

/** Where the forge's two steps are. */
export function endpointsOf({ forge, serverUrl }: ForgeHost): Endpoints {
  return forge === "github"
    ? { device: `${serverUrl}/login/device/code`, token: `${serverUrl}/login/oauth/access_token` }
    : { device: `${serverUrl}/oauth/authorize_device`, token: `${serverUrl}/oauth/token` };
}

/**
 * Asks for a code, has it told to the user, and waits until it was typed somewhere.
 * @throws `not-signed-in` when the user declines, the code expires or the server refuses;
 *   `unreachable`, `timeout`
 */
export async function grantByDevice(
  request: GrantRequest,
  tell: (verification: Verification) => void,
): Promise<Grant> {
  const { name, endpoints, clientId, scope, deadline } = request;
  const begun = await post(request, endpoints.device, { client_id: clientId, scope });
  const started = v.safeParse(startShape, begun);
  if (!started.success) throw refused(name, begun);
  const { device_code: code, user_code: userCode, ...found } = started.output;
  tell({ code: userCode, url: found.verification_uri_complete ?? found.verification_uri });
  for (let wait = found.interval; ;) {
    await sleep(wait * 1000, deadline, "waiting for the code to be entered");
    const body = { client_id: clientId, grant_type: deviceGrant, device_code: code };
    const answer = await post(request, endpoints.token, body);
    const grant = grantIn(answer, clientId);
    if (grant !== null) return grant;
    const error = errorIn(answer);
    // RFC 8628, section 3.5: five seconds more for all that follow
    if (error === "slow_down") wait += 5;
    else if (error !== "authorization_pending") throw refused(name, answer);
  }
}

/** A new token for one that has ended. @throws `not-signed-in`, `unreachable`, `timeout` */
export async function refreshGrant(
  request: Omit<GrantRequest, "scope">,
  refresh: string,
): Promise<Grant> {
  const { name, endpoints, clientId } = request;
  const answer = await post(request, endpoints.token, {
    client_id: clientId,
    grant_type: "refresh_token",
    refresh_token: refresh,
  });
  const grant = grantIn(answer, clientId);
  if (grant === null) throw refused(name, answer);
  return grant;
}

async function post(
  { deadline, name }: Pick<GrantRequest, "deadline" | "name">,
  url: string,
  body: Readonly<Record<string, string>>,
): Promise<unknown> {
  const response = await patientFetch({ deadline, name })(url, {
    method: "POST",
    headers: { accept: "application/json", "user-agent": "optout" },
    body: new URLSearchParams(body),
    redirect: "error",
  });
  try {
    return JSON.parse(await response.text());
  } catch {
    throw new OptoutError("unreachable", `${name} answered ${response.status} and no JSON`);
  }
}

function grantIn(answer: unknown, clientId: string): Grant | null {
  const result = v.safeParse(grantShape, answer);
  if (!result.success) return null;
  const {
    access_token: token,
    refresh_token: refresh = null,
    expires_in: expiresIn = null,
  } = result.output;
  return { token, refresh, expiresIn, clientId };
}

function errorIn(answer: unknown): string | null {
  const result = v.safeParse(v.object({ error: v.string() }), answer);
  return result.success ? result.output.error : null;
}

const reasons: Readonly<Record<string, string>> = {
  access_denied: "it was declined",
  expired_token: "the code was not entered in time",
  device_flow_disabled: "the application does not allow the device flow",
  incorrect_client_credentials: "it does not know the client id",
  invalid_client: "it does not know the client id",
};

function refused(name: string, answer: unknown): OptoutError {
  const error = errorIn(answer) ?? "unknown answer";
  const message = `${name} does not sign in: ${reasons[error] ?? error.slice(0, 100)}`;
  return new OptoutError("not-signed-in", message, { hint: "optout login" });
}

const startShape = v.object({
  device_code: v.string(),
  user_code: v.string(),
  verification_uri: v.string(),
  verification_uri_complete: v.optional(v.string()),
  interval: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(600)), 5),
});
const grantShape = v.object({
  access_token: v.string(),
  refresh_token: v.nullish(v.string()),
  expires_in: v.nullish(v.number()),
});
