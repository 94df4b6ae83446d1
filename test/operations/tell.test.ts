/** Who is told of what, how often it is tried, and what the log says of it afterwards. */
import { describe, expect, it } from "vitest";

import type { Channel } from "../../src/core/channel.ts";
import { OptoutError } from "../../src/core/errors.ts";
import type { Message } from "../../src/core/notice.ts";
import { tellNewAndDue, type Teller } from "../../src/operations/tell.ts";
import { tellAll, type Flushed } from "../../src/operations/tell-all.ts";
import type { OpenedChannel } from "../../src/sinks/sink.ts";
import { memoryStore, type MemoryStore, type Mishaps } from "../support/memory-store.ts";
import { World, type Appended } from "../support/world.ts";
import { writerFor } from "../support/writer.ts";

const channel = (name: string): Channel => ({
  to: "exec",
  name,
  match: null,
  rules: null,
  events: null,
  line: 1,
  command: ["tell"],
  env: [],
  timeoutSeconds: 10,
});

const away = new OptoutError("unreachable", "slack cannot be reached");

/** A channel of this machine that counts the notices of each message, and fails where it is told to. */
function reachable(
  name: string,
  failsAt: (messages: number) => boolean = () => false,
): { readonly opened: OpenedChannel; readonly messages: number[] } {
  const messages: number[] = [];
  const send = (message: Message): Promise<void> => {
    messages.push(message.notices.length);
    return failsAt(messages.length) ? Promise.reject(away) : Promise.resolve();
  };
  const sink = { targetHash: "t".repeat(43), send };
  return { opened: { kind: "ready", channel: channel(name), sink }, messages };
}

/** Alice's overrides, which nobody was told of, in a store. */
function untold(count: number, mishaps: Mishaps = {}): Scene {
  const world = new World();
  const skips = Array.from({ length: count }, () => world.created("alice"));
  return { world, skips, store: memoryStore(world.positions, mishaps) };
}

interface Scene {
  readonly world: World;
  readonly skips: readonly Appended[];
  readonly store: MemoryStore;
}

function tellerFor({ world, store }: Scene, who: string, channels: Teller["channels"]): Teller {
  return {
    writer: writerFor(world, store, who),
    channels,
    source: { repository: "acme/shop", policyCommit: world.policyCommit, storeName: "memory" },
    defaultBranch: "main",
    title: ({ kind }) => kind,
    limit: () => ({ signal: new AbortController().signal, left: () => 1000 }),
  };
}

const flush = (scene: Scene, who: string, ...channels: Teller["channels"]): Promise<Flushed> =>
  tellAll(tellerFor(scene, who, channels), scene.world.view());

const leftIn = ({ left }: Flushed): readonly string[] =>
  left.map(({ channel: { name }, notices, why }) => `${name} ${notices} ${why.kind}`);

describe("telling everything", () => {
  it("takes as many messages as there must be, each with no more than it shows", async () => {
    const { opened, messages } = reachable("slack");
    const scene = untold(30);

    const flushed = await flush(scene, "alice", opened);

    expect(messages).toEqual([12, 12, 6]);
    expect(flushed.left).toEqual([]);
    const again = await flush(scene, "alice", opened);
    expect([again, messages.length]).toEqual([{ told: [], left: [] }, 3]);
  });

  it("leaves a channel alone that fails, says what it lacks, and goes on with the others", async () => {
    const slack = reachable("slack", (messages) => messages === 2);
    const webhook = reachable("webhook");

    const flushed = await flush(untold(30), "alice", slack.opened, webhook.opened);

    expect(slack.messages).toEqual([12, 12]);
    expect(webhook.messages).toEqual([12, 12, 6]);
    expect(leftIn(flushed)).toEqual(["slack 18 failed"]);
    expect(flushed.left[0]?.why).toEqual({ kind: "failed", problem: away });
  });

  it("leaves to another process what that takes over meanwhile, and says so", async () => {
    const { opened, messages } = reachable("slack");
    let isFirst = true;
    const scene: Scene = untold(1, {
      beforeAppend: () => {
        const [skip] = scene.skips;
        if (!isFirst || skip === undefined) return;
        isFirst = false;
        scene.world.noticed("ci", skip, { status: "failed" });
      },
    });

    const flushed = await flush(scene, "alice", opened);

    expect(messages).toEqual([]);
    expect(leftIn(flushed)).toEqual(["slack 1 claimed"]);
  });

  it("names what a secret or somebody else is needed for", async () => {
    const { opened, messages } = reachable("slack");
    const elsewhere: OpenedChannel = {
      kind: "elsewhere",
      channel: channel("webhook"),
      missing: ["HOOK"],
    };
    const scene = untold(2);
    scene.world.created("dora");

    const flushed = await flush(scene, "alice", opened, elsewhere);

    expect(messages).toEqual([2]);
    expect(leftIn(flushed)).toEqual(["slack 1 others", "webhook 2 elsewhere", "webhook 1 others"]);
  });

  it("says what was told before the log could no longer be written to", async () => {
    const { opened, messages } = reachable("slack");
    let appends = 0;
    const scene = untold(20, {
      fails: (method) => {
        if (method === "append") appends += 1;
        return appends > 30 ? away : null;
      },
    });

    const flushed = await flush(scene, "alice", opened);

    expect(messages).toEqual([12]);
    expect(flushed.told.map(({ outcome }) => outcome.kind)).toEqual(["delivered"]);
    expect(flushed.left[0]?.why).toEqual({ kind: "failed", problem: away });
  });

  it("fails where nothing could be claimed, and sends nothing then", async () => {
    const { opened, messages } = reachable("slack");
    const scene = untold(1, { fails: (method) => (method === "append" ? away : null) });

    await expect(flush(scene, "alice", opened)).rejects.toMatchObject({ code: "unreachable" });
    expect(messages).toEqual([]);
  });
});

describe("telling of what was just done", () => {
  it("writes down who was told, and who could not be", async () => {
    const scene = untold(1);
    const [skip] = scene.skips;
    const [slack, webhook] = [reachable("slack", () => true), reachable("webhook")];
    const teller = tellerFor(scene, "alice", [slack.opened, webhook.opened]);
    const size = scene.world.positions.length;

    const told = await tellNewAndDue(teller, scene.world.view(), [skip?.seq ?? 0]);

    expect(told.map(({ outcome }) => outcome.kind)).toEqual(["failed", "delivered"]);
    expect(scene.world.positions.length).toBe(size + 2);
    expect(leftIn(await flush(scene, "alice", reachable("webhook").opened))).toEqual([]);
  });

  it("tells of what was left before, where the channel works", async () => {
    const scene = untold(1);
    scene.world.clock += 100;
    const skip = scene.world.created("alice");
    const [slack, webhook] = [reachable("slack", () => true), reachable("webhook")];
    const teller = tellerFor(scene, "alice", [slack.opened, webhook.opened]);

    await tellNewAndDue(teller, scene.world.view(), [skip.seq]);

    expect(slack.messages).toEqual([1]);
    expect(webhook.messages).toEqual([1, 1]);
  });
});
