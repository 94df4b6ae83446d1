/**
 * Messages as sinks get them: of a real world, with whatever reason a test wants.
 */
import { noticesIn, type Message } from "../../src/core/notice.ts";
import { standings } from "../../src/core/state.ts";
import { t0, World, type Members } from "./world.ts";

/** Tells of everything in the world. */
export function messageOf(world: World): Message {
  const view = world.view();
  const now = t0 + world.clock;
  return {
    notices: noticesIn(view, standings(view, now, "main"), 0),
    view,
    source: {
      repository: "github.com/acme/shop",
      policyCommit: "c".repeat(40),
      storeName: "git:optout-log",
    },
    defaultBranch: "main",
    now,
  };
}

/** Tells of one override with this reason. */
export function messageWith(reason: string, more: Members = {}): Message {
  const world = new World();
  world.created("alice", { reason: { code: "broken-gate", text: reason }, ...more });
  return messageOf(world);
}

/** The greatest of everything: 16 branches of 255 characters, tickets, and a reason that escapes to more. */
export function largestMessage(): Message {
  const world = new World();
  for (let i = 0; i < 16; i += 1) {
    world.created("alice", {
      reason: { code: "broken-gate", text: "&".repeat(2000) },
      scope: { branches: Array.from({ length: 16 }, (_, n) => `${n}${"&".repeat(250)}`) },
      tickets: Array.from({ length: 16 }, (_, n) => `INC-${n}`.padEnd(64, "&")),
    });
  }
  return messageOf(world);
}

/** For sinks that must not ask a forge. */
export const noForge = (): never => {
  throw new Error("a forge was asked");
};
