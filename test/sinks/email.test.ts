/**
 * E-mail, to a real mail server: encrypted or not sent, and nothing told of a login that fails. That
 * it is sent over STARTTLS to a server that is trusted is shown by the built program, below.
 */
import { createServer, type AddressInfo, type Server } from "node:net";

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import type { EmailChannel } from "../../src/core/channel.ts";
import { mailOf } from "../../src/output/notice-mail.ts";
import { openEmail } from "../../src/sinks/email.ts";
import type { OpenedChannel } from "../../src/sinks/sink.ts";
import { startMailServer, type MailServer, type MailOptions } from "../support/mail-server.ts";
import { messageWith, noForge } from "../support/message.ts";
import { hasOpenssl } from "../support/programs.ts";
import {
  lines,
  makeTeam,
  optout,
  teamPolicy,
  type Keys,
  type Result,
  type Team,
} from "../support/stage.ts";

const canary = "canary-51c7e0";

async function serve(options: MailOptions = {}): Promise<MailServer> {
  const server = await startMailServer(options);
  onTestFinished(() => server.close());
  return server;
}

function open(port: number, more: Partial<EmailChannel> = {}): OpenedChannel {
  const channel: EmailChannel = {
    to: "email",
    name: "mail",
    match: null,
    rules: null,
    events: null,
    line: 1,
    server: { host: "127.0.0.1", port },
    tls: "starttls",
    sender: "optout@example.com",
    recipients: ["oncall@example.com", "lead@example.com"],
    user: null,
    password: null,
    ...more,
  };
  return openEmail(channel, { env: { U: "robot", P: canary }, home: null, forge: noForge }, mailOf);
}

async function send(opened: OpenedChannel, milliseconds = 10_000): Promise<void> {
  if (opened.kind !== "ready") throw new Error(`the channel is ${opened.kind}`);
  const limit = { signal: AbortSignal.timeout(milliseconds), left: () => milliseconds };
  await opened.sink.send(messageWith("image <answers> 500\nBcc: evil@example.com"), limit);
}

describe.skipIf(!hasOpenssl)("a mail (needs openssl)", () => {
  it("goes to all recipients as plain text, from the sender of the policy", async () => {
    const server = await serve({ isPlain: true });
    await send(open(server.port, { tls: "none" }));

    const text = server.mails[0]?.text ?? "";
    expect(text).toMatch(
      /^From: optout@example.com\r\nTo: oncall@example.com, lead@example.com\r\n/m,
    );
    expect(text).toMatch(/^Subject: \[optout\] lint is skipped on main and pull requests into it/m);
    expect(text).toMatch(/^Message-ID: <ovr_\w{16}@example.com>/m);
    expect(text).toMatch(/^Content-Type: text\/plain; charset=utf-8/m);
    expect(text).toMatch(/^Auto-Submitted: auto-generated/im);
    expect(text).toMatch(/^End it: +optout revoke 2\r$/m);
  });

  it("has no header that a reason brings along", async () => {
    const server = await serve({ isPlain: true });
    await send(open(server.port, { tls: "none" }));

    expect(server.mails[0]?.text).not.toMatch(/^Bcc:/m);
    expect(server.mails[0]?.text).toContain("image <answers> 500 ");
  });

  it("is not sent without encryption where the policy asks for it", async () => {
    const server = await serve({ isPlain: true });

    await expect(send(open(server.port))).rejects.toMatchObject({ code: "unreachable" });
    expect(server.mails).toEqual([]);
  });

  it.each(["starttls", "implicit"] as const)(
    "is not sent to a server whose certificate is not trusted (%s)",
    async (tls) => {
      const server = await serve({ isImplicit: tls === "implicit" });

      await expect(send(open(server.port, { tls }))).rejects.toMatchObject({
        code: "unreachable",
      });
      expect(server.mails).toEqual([]);
    },
  );

  it("is never sent in the clear to another machine", () => {
    const opened = open(25, { tls: "none", server: { host: "smtp.example.com", port: 25 } });

    expect(opened).toMatchObject({ kind: "broken", problem: { code: "policy-invalid" } });
  });

  it("is for another machine when the login is not here", () => {
    expect(open(25, { user: { env: "U" }, password: { env: "Q" } })).toMatchObject({
      kind: "elsewhere",
      missing: ["Q"],
    });
  });

  it("tells nothing of a login that is refused, whatever the server says of it", async () => {
    const login = { user: "robot", password: "another" };
    const server = await serve({ isPlain: true, login });
    const opened = open(server.port, {
      tls: "none",
      user: { env: "U" },
      password: { env: "P" },
    });

    const thrown: unknown = await send(opened).catch((error: unknown) => error);

    expect(thrown).toMatchObject({ message: "127.0.0.1 refuses the login (535)" });
    expect(JSON.stringify(thrown, Object.getOwnPropertyNames(thrown))).not.toContain(canary);
  });

  it("is given up when the server does not answer in time", async () => {
    const silent: Server = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;

    await expect(send(open(port, { tls: "none" }), 300)).rejects.toMatchObject({
      message: expect.stringMatching(/127\.0\.0\.1/) as unknown,
    });
  });

  it("is given up when there is no server", async () => {
    await expect(send(open(1, { tls: "none" }))).rejects.toMatchObject({
      message: "127.0.0.1 cannot be reached, or its certificate is not trusted",
    });
  });
});

describe.skipIf(!hasOpenssl)("the built program (needs openssl)", () => {
  const login = { user: "robot", password: canary };
  let server: MailServer;
  let team: Team;

  beforeAll(async () => {
    server = await startMailServer({ login });
    team = await makeTeam({
      policy: (keys: Keys) =>
        teamPolicy(keys) +
        lines(
          "notify:",
          `  - { to: email, server: "localhost:${server.port}", sender: optout@example.com, recipients: [oncall@example.com], user_env: U, password_env: P }`,
        ),
    });
  });
  afterAll(async () => {
    await server.close();
    team.stage.remove();
  });

  const run = (args: readonly string[], env: Record<string, string>): Promise<Result> =>
    optout(team.stage.laptop, args, { env });

  it("mails over STARTTLS with its login, and the revocation in the same thread", async () => {
    const env = { U: "robot", P: canary, NODE_EXTRA_CA_CERTS: server.certificate };
    const skipped = await run(["skip", "lint", "-m", "lint image answers 500"], env);
    const revoked = await run(["revoke", "lint", "--debug"], env);

    expect(skipped.stderr).toContain("✓ told      e-mail\n");
    expect(server.mails).toMatchObject([
      { secure: true, user: "robot" },
      { secure: true, user: "robot" },
    ]);
    const [first, second] = server.mails.map(({ text }) => text);
    const [, id = "none"] = /^Message-ID: <(ovr_\w+)@/m.exec(first ?? "") ?? [];
    expect(second).toMatch(new RegExp(`^In-Reply-To: <${id}@example.com>`, "m"));
    expect(skipped.stderr + skipped.stdout + revoked.stderr + revoked.stdout).not.toContain(canary);
  });

  it("does not mail where the certificate is not trusted", async () => {
    const { status, stderr } = await run(["notify", "test"], { U: "robot", P: canary });

    expect(status).toBe(6);
    expect(stderr).toContain("localhost cannot be reached, or its certificate is not trusted");
    expect(stderr).not.toContain(canary);
  });
});
