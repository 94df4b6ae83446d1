/** What a command that is stopped says of its appends. */
import { describe, expect, it } from "vitest";

import { OptoutError } from "../../src/core/errors.ts";
import { Witness } from "../../src/stores/witnessed.ts";
import { memoryStore } from "../support/memory-store.ts";

const never = new AbortController().signal;
const bytes = Buffer.from("a position");

describe("a command that is stopped", () => {
  it("says that nothing was recorded when somebody else was quicker", async () => {
    const witness = new Witness();
    const store = witness.watch(memoryStore([bytes]), never);

    expect(await store.append(0, bytes, "#0 skip lint")).toBe("taken");

    expect(witness.interrupted()).toMatchObject({ message: "stopped; nothing was recorded" });
  });

  it("names what was recorded, and gives no hint then", async () => {
    const witness = new Witness();
    const store = witness.watch(memoryStore(), never);
    await store.append(0, bytes, "#0 skip lint");
    await store.append(1, bytes, "#1 skip docs");

    const { message, hint } = witness.interrupted();

    expect(message).toBe("stopped; recorded: #0 skip lint; recorded: #1 skip docs");
    expect(hint).toBeUndefined();
  });

  it("does not know of an append whose answer is not there", async () => {
    const witness = new Witness();
    const held = { ...memoryStore(), append: () => new Promise<never>(() => undefined) };
    void witness.watch(held, never).append(0, bytes, "#0 skip lint");

    expect(witness.interrupted()).toMatchObject({
      message: "stopped; it is not known whether this was recorded: #0 skip lint",
      hint: "optout status",
    });
  });

  it("begins no append afterwards", async () => {
    const controller = new AbortController();
    const witness = new Witness();
    const inner = memoryStore();
    controller.abort(new OptoutError("interrupted", "stopped; nothing was recorded"));

    await expect(
      witness.watch(inner, controller.signal).append(0, bytes, "#0 skip lint"),
    ).rejects.toMatchObject({ code: "interrupted" });
    expect(inner.positions).toEqual([]);
  });
});
