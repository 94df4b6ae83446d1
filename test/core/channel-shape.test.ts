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
