/**
 * The contract of stores, run over every implementation on this machine, and over one on which every
 * call is late. Over a network: store-http.test.ts.
 */
import { faultyStore } from "../support/faulty-store.ts";
import { byPath, dirWorld, gitWorld, type StoreWorld } from "../support/store-worlds.ts";
import { storeContract } from "./store.ts";

async function late(world: Promise<StoreWorld>): Promise<StoreWorld> {
  const inner = await world;
  return { ...inner, open: async (writer) => faultyStore(await inner.open(writer), () => "late") };
}

storeContract("dir", dirWorld);
storeContract("dir, late", () => late(dirWorld()));
storeContract("git, by path", () => gitWorld(byPath));
