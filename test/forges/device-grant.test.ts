/** The device flow (RFC 8628) against a server on this machine that answers as GitHub does. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Verification } from "../../src/forges/api.ts";
import { grantByDevice, refreshGrant, type GrantRequest } from "../../src/forges/device-grant.ts";
import { problemOf } from "../support/problem.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const requestTo = (device: string, tokenUrl: string, seconds = 30): GrantRequest => ({
  name: "gitlab.example.com",
  endpoints: { device, token: tokenUrl },
  clientId: "optout-cli",
  scope: "openid offline_access",
  deadline: AbortSignal.timeout(seconds * 1000),
});

/** A server that gives out a code at once, and then these answers, with status 200 as GitHub does. */
async function githubLike(...answers: readonly object[]): Promise<GrantRequest> {
  const left = [...answers];
  const url = await listen(
    createServer((request, response) => {
      const begun = {
        device_code: "secret-device-code",
        user_code: "WDJB-MJHT",
        verification_uri: "https://github.com/login/device",
        expires_in: 900,
        interval: 0,
      };
      const answer = request.url === "/device" ? begun : left.shift();
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(answer ?? { error: "authorization_pending" }));
    }),
  );
  return requestTo(`${url}/device`, `${url}/token`);
}

describe("signing in with a code", () => {
  it("tells the code and where to enter it, and waits as long as it is not entered", async () => {
    const request = await githubLike(
      { error: "authorization_pending" },
      { access_token: "gho_1234567890abcdef", token_type: "bearer", scope: "repo" },
    );
    const told: Verification[] = [];

    const grant = await grantByDevice(request, (one) => told.push(one));

    expect(told).toEqual([{ code: "WDJB-MJHT", url: "https://github.com/login/device" }]);
    expect(grant).toMatchObject({ token: "gho_1234567890abcdef", refresh: null, expiresIn: null });
  });

  it.each([
    ["access_denied", "it was declined"],
    ["expired_token", "the code was not entered in time"],
    ["device_flow_disabled", "the application does not allow the device flow"],
  ])("ends with %s, and says why", async (error, why) => {
    const request = await githubLike({ error });

    expect(await problemOf(grantByDevice(request, () => undefined))).toMatchObject({
      code: "not-signed-in",
      message: `gitlab.example.com does not sign in: ${why}`,
    });
  });

  it("is renewed after its end", async () => {
    const request = await githubLike({
      access_token: "new",
      refresh_token: "r2",
      expires_in: 7200,
    });

    expect(await refreshGrant(request, "r1")).toEqual({
      token: "new",
      refresh: "r2",
      expiresIn: 7200,
      clientId: "optout-cli",
    });
  });

  it("ends with the time given", async () => {
    const request = { ...(await githubLike()), deadline: AbortSignal.timeout(200) };

    expect(await problemOf(grantByDevice(request, () => undefined))).toMatchObject({
      code: "timeout",
    });
  });
});
