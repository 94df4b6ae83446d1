/**
 * Behind a proxy: the forge's API, notifications and a bucket, by the built program over a real proxy
 * that wants a password. git has a way of its own.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { emptyGithub, serveGithub, type FakeGithub } from "../support/forge/fake-github.ts";
import { hasOpenssl } from "../support/programs.ts";
import { proxyPassword, startProxy, type TestProxy } from "../support/proxy.ts";
import { startReceiver, type Receiver } from "../support/receiver.ts";
import { serveScript, type ScriptedServer } from "../support/scripted-server.ts";
import {
  git,
  lines,
  makePlace,
  makeTeam,
  optout,
  teamPolicy,
  type Place,
  type Result,
  type Team,
} from "../support/stage.ts";

const forge = "ghe.example.com";
const hooks = "hooks.example.com";
const bucket = "s3.example.com";

let team: Team;
let laptop: Place;
let github: FakeGithub;
let hook: Receiver;
let s3: ScriptedServer;
let proxy: TestProxy;

beforeAll(async () => {
  [github, hook, s3] = await Promise.all([
    serveGithub(emptyGithub()),
    startReceiver(),
    serveScript([{ status: 403, body: "<Error><Code>AccessDenied</Code></Error>" }]),
  ]);
  team = await makeTeam({
    policy: (keys) =>
      teamPolicy(keys) + lines("notify:", `  - { to: webhook, url: "https://${hooks}/optout" }`),
  });
  ({ laptop } = team.stage);
  const portOf = (url: string): number => Number(new URL(url).port);
  proxy = await startProxy(team.stage.folder, {
    [forge]: portOf(github.url),
    [hooks]: portOf(`http://${hook.host}`),
    [bucket]: portOf(s3.endpoint),
  });
});

afterAll(async () => {
  await Promise.all([github.close(), hook.close(), s3.stop(), proxy.close()]);
  team.stage.remove();
  if (github.violations.length > 0) throw new Error(github.violations.join("\n"));
});

beforeEach(() => {
  proxy.mood = "open";
  proxy.tunnels.length = 0;
});

const printed: string[] = [];

/** Runs the program on a machine that reaches the world by the proxy alone. */
async function behind(
  args: readonly string[],
  more: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<Result> {
  const env = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: proxy.ca, ...more.env };
  const result = await optout(laptop, [...args, "--debug"], { ...more, env });
  printed.push(result.stdout, result.stderr);
  return result;
}

const login = ["login", "--host", `https://${forge}`, "--forge", "github", "--with-token"];
const token = { input: "token-of-alice\n" };

describe.skipIf(!hasOpenssl)("behind a proxy (needs openssl)", () => {
  it("the forge's API is reached", async () => {
    const { status, stdout } = await behind(login, token);

    expect({ status, tunnels: proxy.tunnels }).toEqual({ status: 0, tunnels: [`${forge}:443`] });
    expect(stdout).toContain("alice");
  });

  it("people are told", async () => {
    const { status } = await behind(["notify", "test"]);

    expect({ status, tunnels: proxy.tunnels }).toEqual({ status: 0, tunnels: [`${hooks}:443`] });
    expect(hook.received.map(({ path }) => path)).toEqual(["/optout"]);
  });

  it("a bucket is asked, and its answer is heard", async () => {
    const place = makePlace(team.stage, "in-bucket");
    await git(place, ["init", "-q", "--initial-branch=main"]);
    const where = ["--store", "s3", "--bucket", "logs", "--endpoint", `https://${bucket}`];
    const { status, stderr } = await behind(
      ["init", "--yes", "-C", place.directory, "--stage", "lint", ...where],
      { env: { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "canary-secret" } },
    );

    expect(status).not.toBe(0);
    expect(s3.asked.length).toBeGreaterThan(0);
    expect(new Set(proxy.tunnels)).toEqual(new Set([`${bucket}:443`]));
    expect(stderr).toContain("logs");
  });

  it("nothing goes through it that NO_PROXY names", async () => {
    const direct = await behind(login, { ...token, env: { NO_PROXY: ".example.com" } });

    expect({ status: direct.status, tunnels: proxy.tunnels }).toEqual({ status: 6, tunnels: [] });
  });

  it("that refuses, or says nothing, ends in time with what is wrong", async () => {
    proxy.mood = "refuse";
    const refused = await behind(login, token);
    const untold = await behind(["notify", "test"]);
    proxy.mood = "silent";
    const silent = await behind([...login, "--timeout", "3s"], token);

    expect([refused.status, untold.status, silent.status]).toEqual([6, 6, 124]);
    expect(refused.stderr).toContain("the proxy answers 407");
    expect(untold.stderr).toContain("the proxy answers 407");
  });

  it("that cannot be understood is told, and not shown", async () => {
    const { status, stderr } = await behind(login, {
      ...token,
      env: { HTTPS_PROXY: `socks5://user:${proxyPassword}@127.0.0.1:1` },
    });

    expect(status).toBe(2);
    expect(stderr).toContain("HTTPS_PROXY is not the URL of an http proxy");
  });

  it("its password is never shown", () => {
    const all = printed.join("\n");
    const basic = Buffer.from(`user:${proxyPassword}`).toString("base64");

    expect(all).toContain("the proxy answers 407");
    for (const secret of [proxyPassword, basic]) expect(all).not.toContain(secret);
  });
});
