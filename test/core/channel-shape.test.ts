/** What the policy may say of a channel, and what it must not. */
import { describe, expect, it } from "vitest";

import { channelProblems, channelsOf } from "../../src/core/channel-shape.ts";
import { parsePolicy } from "../../src/core/policy-parse.ts";
import type { Policy } from "../../src/core/policy.ts";

const withChannels = (...channels: readonly string[]): Policy =>
  parsePolicy(
    Buffer.from(
      `version: 1
log: { store: git }
principals: {}
stages: { lint: { kind: quality } }
rules:
  - { id: quality, match: {}, actions: [skip], who: [oncall], longest: 1h }
notify:
${channels.map((one) => `  - ${one}\n`).join("")}`,
    ),
    "policy.yaml",
  );

const everything = { match: null, rules: null, events: null };

describe("a channel", () => {
  it("of Slack is a secret address that leads to Slack alone, and is told of everything", () => {
    expect(channelsOf(withChannels("{ to: slack, url_env: HOOK }"))).toEqual([
      {
        ...everything,
        to: "slack",
        name: "slack",
        url: { env: "HOOK" },
        hosts: ["hooks.slack.com", "hooks.slack-gov.com"],
        secret: null,
        line: 8,
      },
    ]);
  });

  it("may be for some stages, rules and events only", () => {
    const [channel] = channelsOf(
      withChannels(
        "{ to: teams, name: leads, url_file: ~/.teams, match: { kind: deploy }, rules: [quality], events: [requested] }",
      ),
    );

    expect(channel).toMatchObject({
      name: "leads",
      url: { file: "~/.teams" },
      match: { kinds: ["deploy"], stages: null },
      rules: ["quality"],
      events: ["requested"],
    });
  });

  it("with its address in the policy may lead to the host of that address", () => {
    const [channel] = channelsOf(
      withChannels('{ to: webhook, url: "https://hooks.example.com:8443/x", secret_env: KEY }'),
    );

    expect(channel).toMatchObject({ hosts: ["hooks.example.com:8443"], secret: { env: "KEY" } });
  });

  it("may be a mail server, which must speak STARTTLS unless the policy says otherwise", () => {
    const [channel] = channelsOf(
      withChannels(
        "{ to: email, server: 'smtp.example.com:587', sender: o@example.com, recipients: [a@example.com], user_env: U, password_file: /run/p }",
      ),
    );

    expect(channel).toMatchObject({
      server: { host: "smtp.example.com", port: 587 },
      tls: "starttls",
      user: { env: "U" },
      password: { file: "/run/p" },
    });
  });

  it("may be a mail server by its IPv6 address, and without a login", () => {
    const [channel] = channelsOf(
      withChannels(
        "{ to: email, server: '[2001:db8::1]:465', tls: implicit, sender: o@a, recipients: [a@a] }",
      ),
    );

    expect(channel).toMatchObject({
      server: { host: "2001:db8::1", port: 465 },
      tls: "implicit",
      user: null,
      password: null,
    });
  });

  it("of Teams leads to Microsoft alone", () => {
    expect(channelsOf(withChannels("{ to: teams, url_env: HOOK }"))).toMatchObject([
      {
        hosts: ["*.logic.azure.com", "*.environment.api.powerplatform.com", "*.webhook.office.com"],
      },
    ]);
  });

  it("may have a secret address, with the hosts that it may lead to", () => {
    const [channel] = channelsOf(
      withChannels("{ to: webhook, url_file: ~/hook, hosts: ['*.example.com', '[::1]:8443'] }"),
    );

    expect(channel).toMatchObject({
      url: { file: "~/hook" },
      hosts: ["*.example.com", "[::1]:8443"],
      secret: null,
    });
  });

  it("may be a comment on the pull request, and a status beside it where the policy says so", () => {
    const channels = withChannels("{ to: forge }", "{ to: forge, name: both, status: set }");

    expect(channelsOf(channels)).toMatchObject([{ status: false }, { status: true }]);
  });

  it("that is a program gets ten seconds and no variables unless the policy says otherwise", () => {
    const [channel] = channelsOf(withChannels("{ to: exec, command: [/usr/bin/page] }"));

    expect(channel).toMatchObject({ command: ["/usr/bin/page"], env: [], timeoutSeconds: 10 });
  });

  it("may be a program with 63 arguments, and no more", () => {
    const command = (count: number): Policy =>
      withChannels(`{ to: exec, command: [page${", x".repeat(count)}] }`);

    expect(channelProblems(command(63))).toEqual([]);
    expect(channelProblems(command(64)).map(({ message }) => message)).toEqual([
      "notify[0].command has 65 items, at most 64",
    ]);
  });

  it("may be none", () => {
    const text = withChannels("{ to: forge }").text.replace(/^notify:[^]*/m, "");

    expect(channelsOf(parsePolicy(Buffer.from(text), "policy.yaml"))).toEqual([]);
  });

  it("that is written wrongly is told with its line and with what to do", () => {
    expect(() => channelsOf(withChannels("{ to: slack }"))).toThrow(
      expect.objectContaining({
        code: "policy-invalid",
        message:
          "the policy's line 8: notify[0].to needs url_env or url_file: the address is a secret",
        hint: "optout policy check",
      }),
    );
  });

  it("may be a program with arguments and the variables that it gets", () => {
    const [channel] = channelsOf(
      withChannels("{ to: exec, command: [page-oncall, --now], env: [PAGER_KEY], timeout: 5s }"),
    );

    expect(channel).toMatchObject({
      command: ["page-oncall", "--now"],
      env: ["PAGER_KEY"],
      timeoutSeconds: 5,
    });
  });

  it("stops no check when it is of a kind that this version does not know", () => {
    const policy = withChannels("{ to: pigeon, loft: north }");

    expect(policy.notify).toMatchObject([{ to: "pigeon", name: "pigeon" }]);
    expect(() => channelsOf(policy)).toThrow("notify[0].to must be one of slack, teams, webhook");
  });

  it.each([
    [
      "whose secret stands in the policy",
      "{ to: slack, url: 'https://hooks.slack.com/services/T/B/x' }",
      'unknown member "url" in notify[0]',
    ],
    [
      "without an address",
      "{ to: slack }",
      "notify[0].to needs url_env or url_file: the address is a secret",
    ],
    [
      "with two addresses",
      "{ to: webhook, url: 'https://a.example/', url_env: X }",
      "notify[0].to needs one of url, url_env and url_file",
    ],
    [
      "whose secret address may lead anywhere",
      "{ to: webhook, url_env: X }",
      "notify[0].to needs hosts: those that the address may lead to",
    ],
    [
      "with a file: address",
      "{ to: webhook, url: 'file:///etc/passwd' }",
      "notify[0].url must be an https URL without user, query and fragment",
    ],
    [
      "with a password in its address",
      "{ to: webhook, url: 'https://a:b@c.example/' }",
      "notify[0].url must be an https URL without user, query and fragment",
    ],
    [
      "with an address that is none",
      "{ to: webhook, url: 'https://[[' }",
      "notify[0].url is not a URL",
    ],
    [
      "that is a program of the clone",
      "{ to: exec, command: [./tell.sh] }",
      "notify[0].command must begin with a program's absolute path or its name on PATH",
    ],
    [
      "that is a program in a folder of the clone",
      "{ to: exec, command: [bin/tell.sh] }",
      "notify[0].command must begin with a program's absolute path or its name on PATH",
    ],
    [
      "that is a program of no name",
      "{ to: exec, command: [/] }",
      "notify[0].command must begin with a program's absolute path or its name on PATH",
    ],
    [
      "with a program that may take minutes",
      "{ to: exec, command: [page], timeout: 61s }",
      "notify[0].timeout: is longer than 1m",
    ],
    ["with an empty command", "{ to: exec, command: [] }", "notify[0].command must not be empty"],
    [
      "with two secrets to sign with",
      "{ to: webhook, url: 'https://a.example/', secret_env: X, secret_file: /run/x }",
      "notify[0].secret_file excludes secret_env",
    ],
    [
      "with a variable that is none",
      "{ to: slack, url_env: a-b }",
      'notify[0].url_env must be the name of a variable, not "a-b"',
    ],
    [
      "with a secret in a file of the clone",
      "{ to: slack, url_file: secrets/hook }",
      "notify[0].url_file must be the path of a file, absolute or from ~/",
    ],
    [
      "with a host that is a URL",
      "{ to: webhook, url_env: X, hosts: ['https://a.example'] }",
      "notify[0].hosts[0] must be a host like hooks.example.com, example.com:8443 or *.example.com",
    ],
    [
      "with no hosts",
      "{ to: webhook, url_env: X, hosts: [] }",
      "notify[0].hosts must not be empty",
    ],
    [
      "with a host twice",
      "{ to: webhook, url_env: X, hosts: [a.example, a.example] }",
      "notify[0].hosts[1] is given twice",
    ],
    [
      "with a mail server without a port",
      "{ to: email, server: smtp.example.com, sender: a@b, recipients: [a@b] }",
      "notify[0].server must be a host and a port like smtp.example.com:587",
    ],
    [
      "with mail to somebody twice",
      "{ to: email, server: 'a:25', sender: a@b, recipients: [a@b, a@b] }",
      "notify[0].recipients[1] is given twice",
    ],
    [
      "with mail to nobody",
      "{ to: email, server: 'a:25', sender: a@b, recipients: [] }",
      "notify[0].recipients must not be empty",
    ],
    [
      "with an address of mail that is none",
      "{ to: email, server: 'a:25', sender: a, recipients: [a@b] }",
      "notify[0].sender must be an e-mail address",
    ],
    [
      "with two users",
      "{ to: email, server: 'a:25', sender: a@b, recipients: [a@b], user_env: U, user_file: /u, password_env: P, password_file: /p }",
      "notify[0].to needs both of user_env and password_env (or _file), or neither",
    ],
    [
      "for no events",
      "{ to: slack, url_env: X, events: [] }",
      "notify[0].events must not be empty",
    ],
    [
      "for an event twice",
      "{ to: slack, url_env: X, events: [denied, denied] }",
      "notify[0].events[1] is given twice",
    ],
    [
      "with half a login",
      "{ to: email, server: 'a:25', sender: a@b, recipients: [a@b], user_env: U }",
      "notify[0].to needs both of user_env and password_env (or _file), or neither",
    ],
    [
      "for a rule that is not there",
      "{ to: slack, url_env: X, rules: [qality] }",
      "notify[0].rules: there is no rule qality",
    ],
    [
      "for an event that is none",
      "{ to: slack, url_env: X, events: [exploded] }",
      'notify[0].events[0] must be one of created, requested, emergency, extended, approved, denied, revoked, reviewed, not "exploded"',
    ],
    [
      "with a member that it does not have",
      "{ to: slack, url_env: X, secret_env: Z9 }",
      'unknown member "secret_env" in notify[0]',
    ],
  ])("%s is refused", (_, channel, message) => {
    expect(channelProblems(withChannels(channel)).map((one) => one.message)).toContainEqual(
      expect.stringContaining(message),
    );
  });

  it("needs a name of its own where two are of one kind", () => {
    const two = withChannels("{ to: slack, url_env: A }", "{ to: slack, url_env: B }");

    expect(channelProblems(two)).toEqual([
      { line: 9, column: 5, message: "notify[1] needs a name of its own: line 8 is slack too" },
    ]);
  });
});
