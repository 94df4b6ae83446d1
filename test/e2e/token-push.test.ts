/**
 * `-R owner/name` over https with the token of the sign-in: no clone, no credentials of git's own,
 * behind a proxy. The server is git's own http-backend behind TLS, beside the forge's API.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { emptyGithub, serveGithub, type FakeGithub } from "../support/forge/fake-github.ts";
import { serveGit, type HttpGit } from "../support/http-git.ts";
import { hasOpenssl } from "../support/programs.ts";
import { startProxy, type TestProxy } from "../support/proxy.ts";
import {
  makePlace,
  makeStage,
  must,
  optout,
  push,
  run,
  type Place,
  type Stage,
} from "../support/stage.ts";

const host = "ghe.example.com";
const token = "token-of-alice";

let stage: Stage;
let git: HttpGit;
let github: FakeGithub;
let front: Server;
let proxy: TestProxy;
let phone: Place;
let repository: string;

beforeAll(async () => {
  stage = await makeStage();
  await must(stage.laptop, ["init", "--yes", "--stage", "lint"]);
  await push(stage.laptop, "Add the optout policy");
  repository = `${basename(stage.folder)}/shop`;
  [git, github] = await Promise.all([serveGit(dirname(stage.folder)), serveGithub(emptyGithub())]);
  // one server for both, as the forge's is
  front = createServer((asked, answer) => {
    const to = asked.url?.startsWith("/api/") === true ? github.url : git.origin;
    const { method = "GET", headers } = asked;
    const onward = request(new URL(asked.url ?? "/", to), { method, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 500, got.headers);
      got.pipe(answer);
    });
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => {
    front.listen(0, "127.0.0.1", resolve);
  });
  proxy = await startProxy(stage.folder, { [host]: (front.address() as AddressInfo).port });
  const machine = makePlace(stage, "phone");
  phone = { ...machine, env: phoneEnv(machine) };
  const login = ["login", "--host", host, "--forge", "github", "--with-token"];
  await must(phone, login, { input: `${token}\n` });
});

afterAll(async () => {
  front.closeAllConnections();
  await Promise.all([git.close(), github.close(), proxy.close()]);
  await new Promise((resolve) => {
    front.close(resolve);
  });
  stage.remove();
});

/** Alice's key, a git that writes down its arguments, and the proxy. */
function phoneEnv(machine: Place): Record<string, string> {
  const bin = join(machine.home, "bin");
  mkdirSync(bin);
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  const script = `#!/bin/sh\nprintf '%s ' "$@" >> '${machine.home}/arguments'\nexec ${real} "$@"\n`;
  writeFileSync(join(bin, "git"), script);
  chmodSync(join(bin, "git"), 0o755);
  return {
    XDG_DATA_HOME: join(stage.laptop.home, "data"),
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    GH_HOST: host,
    HTTPS_PROXY: proxy.url,
    NODE_EXTRA_CA_CERTS: proxy.ca,
    GIT_SSL_CAINFO: proxy.ca,
  };
}

const skip = (...more: readonly string[]): readonly string[] => [
  "skip",
  "lint",
  "-R",
  repository,
  "--branch",
  "main",
  "-m",
  "lint image answers 500",
  ...more,
];

describe.skipIf(!hasOpenssl)("-R owner/name (needs openssl)", () => {
  it("is pushed to over https with the token of the sign-in", async () => {
    const made = await optout(phone, [...skip(), "--debug"]);
    const checked = await optout(stage.laptop, ["check", "lint"]);

    expect(made.stderr).toContain("recorded");
    expect([made.status, checked.status]).toEqual([0, 0]);
    expect(git.requests.some((one) => one.includes("git-receive-pack"))).toBe(true);
    expect(proxy.tunnels).toContain(`${host}:443`);
    expect(made.stdout + made.stderr).not.toContain(token);
  });

  it("keeps the token out of git's arguments, of the clone and of git's helpers", async () => {
    const kept = join(phone.home, "kept");
    const file = join(phone.home, ".gitconfig");
    const before = readFileSync(file, "utf8");
    writeFileSync(file, `${before}[credential]\n\thelper = store --file=${kept}\n`);
    await must(phone, ["status", "-R", repository]);
    writeFileSync(file, before);

    const found = await run(phone, "grep", ["-rla", token, "cache", "arguments", "kept"], {
      cwd: phone.home,
    });
    expect(found.stdout).toBe("");
    expect(readFileSync(join(phone.home, "arguments"), "utf8")).toContain("fetch");
  });

  it("is reached with nothing where nobody is signed in", async () => {
    await must(phone, ["logout", "--host", host, "--forge", "github"]);
    const { status, stderr } = await optout(phone, ["status", "-R", repository]);

    expect(status).toBe(6);
    expect(stderr).not.toContain(token);
  });
});
