/** Work that knows no deadline ends with one. */
import { getEventListeners } from "node:events";
import { expect, it } from "vitest";

import { OptoutError } from "../../src/core/errors.ts";
import { withDeadline } from "../../src/system/with-deadline.ts";

const never = new Promise<never>(() => undefined);

it("is what the work comes to, and leaves no listener", async () => {
  const { signal } = new AbortController();

  await expect(withDeadline(signal, "it was told", Promise.resolve(7))).resolves.toBe(7);
  await expect(withDeadline(undefined, "it was told", Promise.resolve(7))).resolves.toBe(7);
  const fails = Promise.reject(new Error("no"));
  await expect(withDeadline(signal, "it was told", fails)).rejects.toThrow("no");

  expect(getEventListeners(signal, "abort")).toEqual([]);
});

it("ends with timeout when the deadline fires, before or meanwhile", async () => {
  const timeout = { code: "timeout", message: "the time given ran out while it was told" };

  const fired = AbortSignal.abort();
  await expect(withDeadline(fired, "it was told", never)).rejects.toMatchObject(timeout);

  const controller = new AbortController();
  const waiting = withDeadline(controller.signal, "it was told", never);
  controller.abort();
  await expect(waiting).rejects.toMatchObject(timeout);
});

it("ends with the reason of an abort that is an error of ours", async () => {
  const reason = new OptoutError("interrupted", "interrupted");

  await expect(withDeadline(AbortSignal.abort(reason), "it was told", never)).rejects.toBe(reason);
});
