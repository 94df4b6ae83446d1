/** Webhooks, as a receiver judges them with the reference library of Standard Webhooks. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";

import type { UrlChannel } from "../../src/core/channel.ts";
import { cloudEvents } from "../../src/output/notice-json.ts";
import type { Limit, OpenedChannel, Sink } from "../../src/sinks/sink.ts";
import { openWebhook } from "../../src/sinks/webhook.ts";
import { messageWith, noForge } from "../support/message.ts";
import { startReceiver, status, type Receiver } from "../support/receiver.ts";

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

function open(env: Record<string, string>): OpenedChannel {
  const channel: UrlChannel = {
    to: "webhook",
    name: "hook",
    match: null,
    rules: null,
    events: null,
    line: 1,
    url: { env: "HOOK" },
    hosts: [receiver.host],
    secret: { env: "KEY" },
  };
  return openWebhook(channel, { env, home: null, forge: noForge }, cloudEvents);
}

function sinkOf(opened: OpenedChannel): Sink {
  if (opened.kind === "ready") return opened.sink;
  throw new Error(`the channel is ${opened.kind}`);
}

const limit = (): Limit => ({ signal: AbortSignal.timeout(10_000), left: () => 10_000 });
const send = (env: Record<string, string>): Promise<void> =>
  sinkOf(open({ HOOK: receiver.address, ...env })).send(messageWith("image answers 500"), limit());

/** What a receiver with this key makes of the request; throws for one that is not genuine. */
function verified(secret: string, change: (body: string) => string = (body) => body): unknown {
  const { body = "", headers = {} } = receiver.received.at(-1) ?? {};
  const flat = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, String(value)]),
  );
  return new Webhook(secret).verify(change(body), flat);
}

describe("a signed webhook", () => {
  it("is genuine to whoever has the key", async () => {
    await send({ KEY: key });

    expect(verified(key)).toMatchObject({ specversion: "1.0", subject: "lint" });
  });

  it("is genuine to both while one key takes the place of another", async () => {
    await send({ KEY: `${key} ${other}` });

    expect(verified(key)).toMatchObject({ subject: "lint" });
    expect(verified(other)).toMatchObject({ subject: "lint" });
  });

  it("is refused by a receiver with another key, and when it was changed", async () => {
    await send({ KEY: key });

    expect(() => verified(other)).toThrow("No matching signature found");
    expect(() => verified(key, (body) => body.replace("lint", "test"))).toThrow(
      "No matching signature found",
    );
  });

  it("bears the time of the very try and the same id each time, so that a replay is seen", async () => {
    receiver.behave(status(500), status(200));
    await send({ KEY: key });

    const [first, second] = receiver.received;
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    expect(String(first?.headers["webhook-id"])).toMatch(/^ovr_/);
    expect(Number(second?.headers["webhook-timestamp"])).toBeGreaterThan(1_700_000_000);
  });

  it("is for another machine when the key is not here", () => {
    expect(open({ HOOK: receiver.address })).toMatchObject({
      kind: "elsewhere",
      missing: ["KEY"],
    });
  });

  it.each(["whsec_short", "whsec_***", "not base64 at all"])(
    "is not sent with a key that is none: %s",
    (text) => {
      const opened = open({ HOOK: receiver.address, KEY: text });

      expect(opened).toMatchObject({
        kind: "broken",
        problem: { code: "config-invalid", message: "KEY holds no key of 24 to 64 bytes" },
      });
    },
  );
});
