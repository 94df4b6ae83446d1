/**
 * What one signs in with and tells people by is never shown: tokens of the forge by every way in, the
 * device flow's own secrets, addresses and keys of channels, credentials of a bucket. Not on a
 * terminal, not with `--debug`, not in the log, a notification or a file, on good days and on bad ones.
 */
import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Answer } from "../support/forge/fake-api.ts";
import { emptyGithub, serveGithub, type FakeGithub } from "../support/forge/fake-github.ts";
import { makeForgeStage, token, type ForgeStage } from "../support/forge/forge-stage.ts";
import { redRun } from "../support/forge/red-runs.ts";
import { canary as address, startReceiver, status, type Receiver } from "../support/receiver.ts";
import { sampleSsh } from "../support/sample-keys.ts";
import { serveScript } from "../support/scripted-server.ts";
import { git, lines, makePlace, optout, run, type Place, type Result } from "../support/stage.ts";

const secrets = {
  login: token,
  device: "canary-device-code-77aa",
  granted: "canary-granted-token-19c4",
  refresh: "canary-refresh-token-51fe",
  variable: "canary-variable-token-0bd3",
  address,
  webhookKey: Buffer.from("canary-webhook-key-3f0e8d").toString("base64"),
  awsSecret: "canary-aws-secret-6d20",
  awsSession: "canary-aws-session-b481",
};

let github: FakeGithub;
let chat: Receiver;
let stage: ForgeStage;
let laptop: Place;
const printed: string[] = [];

/** GitHub's pages of the device flow. */
function devicePages(_method: string, path: string): Answer | null {
  if (path === "/login/device/code") {
    const body = {
      device_code: secrets.device,
      user_code: "WDJB-MJHT",
      verification_uri: "https://github.com/login/device",
      expires_in: 900,
      interval: 0,
    };
    return { status: 200, body };
  }
  if (path !== "/login/oauth/access_token") return null;
  const body = {
    access_token: secrets.granted,
    refresh_token: secrets.refresh,
    expires_in: 28_800,
    token_type: "bearer",
  };
  return { status: 200, body };
}

beforeAll(async () => {
  [github, chat] = await Promise.all([serveGithub(emptyGithub(), devicePages), startReceiver()]);
  for (const one of [secrets.granted, secrets.variable]) github.tokens.set(one, "alice");
  const ssh = sampleSsh("bob").split(" ").slice(0, 2).join(" ");
  github.world.users["alice"] = { id: 583_231, type: "User", keys: [ssh] };
  stage = await makeForgeStage({
    forge: "github",
    url: github.url,
    files: {
      ".github/workflows/ci.yml":
        "on: push\njobs:\n  lint:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npx optout run lint -- true\n",
    },
    policy: (text) =>
      text.replace("name: Alice Ng", "name: Alice Ng, github: alice") +
      lines(
        "notify:",
        `  - { to: slack, name: chat, url_env: CHAT, hosts: ["${chat.host}"] }`,
        `  - { to: webhook, name: hook, url_env: HOOK, hosts: ["${chat.host}"], secret_env: HOOK_KEY }`,
      ),
  });
  ({ laptop } = stage);
});

afterAll(async () => {
  await Promise.all([github.close(), chat.close(), stage.git.close()]);
  stage.remove();
});

async function ran(
  args: readonly string[],
  more: Parameters<typeof optout>[2] = {},
): Promise<Result> {
  const env = {
    CHAT: chat.address,
    HOOK: chat.address,
    HOOK_KEY: `whsec_${secrets.webhookKey}`,
    ...more.env,
  };
  const result = await optout(laptop, [...args, "--debug"], { ...more, env });
  printed.push(result.stdout, result.stderr);
  return result;
}

/** One red run, so that there is something to do. */
function red(): void {
  const jobs = [{ id: 711, name: "lint", status: "completed", conclusion: "failure" }];
  github.world.runs.splice(0, Infinity, redRun({ jobs }));
}

const host = (): readonly string[] => ["--host", github.url, "--forge", "github"];
const skip = ["skip", "lint", "-m", "lint image answers 500"];
const all: readonly (readonly string[])[] = [
  [...skip, "--rerun"],
  [...skip, "--json"],
  ["rerun", "lint", "--dry-run"],
  ["rerun", "lint", "--json"],
  ["whoami"],
  ["whoami", "--json"],
  ["keys", "import", "--from", "github"],
  ["notify", "list"],
  ["notify", "test"],
  ["notify", "test", "--json"],
  ["notify", "flush"],
  ["status", "--json"],
  ["doctor"],
  ["verify", "--json"],
];

const leaks = (text: string): readonly string[] =>
  Object.entries(secrets).flatMap(([name, secret]) => (text.includes(secret) ? [name] : []));

describe("what one signs in with", () => {
  it("is used by every way in, and works", async () => {
    red();
    const stored = await ran(["rerun", "lint", "--dry-run"]);
    expect(stored.status).toBe(2);
    for (const args of all) {
      red();
      expect((await ran(args)).status, `${args.join(" ")}`).toBe(0);
    }
    const byVariable = await ran(["whoami"], {
      env: { GITHUB_ENTERPRISE_TOKEN: secrets.variable },
    });
    const device = await ran(["login", ...host(), "--client-id", "Iv1.abc"]);
    const after = await ran(["whoami"]);
    const out = await ran(["logout", ...host()]);

    expect([byVariable.status, device.status, after.status, out.status]).toEqual([0, 0, 0, 0]);
    expect(device.stderr).toContain("WDJB-MJHT");
    expect(after.stdout).toContain("alice on 127.0.0.1");
  });

  it("is kept in one file that is its owner's alone", async () => {
    await ran(["login", ...host(), "--with-token"], { input: `${token}\n` });
    const file = join(laptop.home, "data", "optout", "tokens.json");
    const found = await run(laptop, "grep", ["-rla", token, laptop.home, laptop.directory]);

    expect(existsSync(file)).toBe(true);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(found.stdout).toBe(`${file}\n`);
  });

  it("is sought in no argument", async () => {
    const given = await ran(["login", ...host(), "--with-token", secrets.login]);

    expect(given.status).toBe(2);
    expect(given.stderr).toContain("a token is read from standard input");
  });

  it("is not told on bad days", async () => {
    chat.behave(status(500));
    for (const args of all) {
      red();
      github.faults.push("cut", { status: 500 }, "cut", { status: 403, body: { message: "no" } });
      await ran(args);
      github.faults.length = 0;
    }
    github.tokens.clear();
    for (const args of all.slice(0, 7)) await ran(args);
    const refused = await ran(["login", ...host(), "--with-token"], { input: `${token}\n` });
    await ran(["login", ...host(), "--client-id", "Iv1.abc"]);
    github.tokens.set(token, "alice");

    expect(refused.status).toBe(4);
  });

  it("of a bucket is not told either", async () => {
    const server = await serveScript([
      { status: 500, body: "<Error><Code>InternalError</Code></Error>" },
      { status: 403, body: "<Error><Code>SignatureDoesNotMatch</Code></Error>" },
    ]);
    const place = makePlace(stage, "bucket");
    await git(place, ["init", "-q", "--initial-branch=main"]);
    const where = ["--store", "s3", "--bucket", "logs", "--endpoint", server.endpoint];
    const init = ["init", "--yes", "-C", place.directory, "--stage", "lint", ...where];
    const env = {
      AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
      AWS_SECRET_ACCESS_KEY: secrets.awsSecret,
      AWS_SESSION_TOKEN: secrets.awsSession,
    };
    const words = await ran(init, { env });
    const json = await ran([...init, "--json"], { env });
    await server.stop();

    expect([words.status, json.status]).toEqual([4, 4]);
    expect(server.headers[0]?.["x-amz-security-token"]).toBe(secrets.awsSession);
  });

  it("is in nothing that was printed, signed, or told", () => {
    const log = execFileSync("git", ["log", "-p", "--format=%B", "optout-log"], {
      cwd: stage.remote,
      encoding: "utf8",
    });
    const payloads = log.replaceAll(/"statement":"[^.]*\.([^.]*)\./g, (_all, payload: string) =>
      Buffer.from(payload, "base64url").toString("utf8"),
    );
    const told = chat.received.map(({ body }) => body).join("\n");

    expect(printed.length).toBeGreaterThan(80);
    expect(payloads).toContain("note.rerun-planned");
    expect(told).toContain("lint image answers 500");
    expect({
      printed: leaks(printed.join("\n")),
      log: leaks(log + payloads),
      told: leaks(told),
    }).toEqual({ printed: [], log: [], told: [] });
  });
});
