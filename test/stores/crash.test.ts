/**
 * Writers that are killed at any moment leave a whole position or none, and nothing that stops the
 * next one.
 */
import { spawn } from "node:child_process";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Store } from "../../src/stores/store.ts";
import { byPath, dirWorld, gitWorld, type StoreWorld } from "../support/store-worlds.ts";
import { writerProgram } from "../support/writers.ts";

const kills = 25;

/** Starts a writer, kills it after a while with all that it started, and returns what it told. */
async function killed(
  args: readonly string[],
  afterMilliseconds: number,
): Promise<readonly string[]> {
  const child = spawn(process.execPath, [await writerProgram(), ...args, "1000"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
  });
  const ended = new Promise((resolve) => {
    child.once("close", resolve);
  });
  setTimeout(() => child.kill("SIGKILL"), afterMilliseconds);
  await ended;
  return output.split("\n").slice(0, -1);
}

async function scanned(store: Store): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const bytes of store.scan(0)) found.push(Buffer.from(bytes).toString("utf8"));
  return found;
}

describe.each([
  ["dir", dirWorld],
  ["git", () => gitWorld(byPath)],
])("a killed writer: %s", (_name, makeWorld) => {
  let world: StoreWorld;

  beforeEach(async () => {
    world = await makeWorld();
  });

  afterEach(async () => {
    await world.close();
  });

  it("leaves whole positions, each once, and the next writer works", async () => {
    const told: string[] = [];
    for (let n = 0; n < kills; n += 1) {
      told.push(...(await killed(world.writerArguments(0), 40 + ((n * 37) % 260))));
    }
    const store = await world.open();
    // A push may outlive the one who started it; what it leaves is a whole position too.
    await new Promise((resolve) => setTimeout(resolve, 500));

    const log = await scanned(store);
    expect(log.filter((text) => !/^\d+ writes \d+$/.test(text))).toEqual([]);
    expect(new Set(log).size).toBe(log.length);
    expect(told.filter((text) => !log.includes(text))).toEqual([]);
    const next = async (): Promise<boolean> => {
      const { size } = await store.tail(1);
      return (await store.append(size, Buffer.from("after"), "after")) === "created";
    };
    await vi.waitUntil(next, { timeout: 60_000 });
  });
});
