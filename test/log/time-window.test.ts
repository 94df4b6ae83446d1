/** The sliding window: the same sum as adding up every override at every time. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { secondsOf, type TimeSpan } from "../../src/core/time-used.ts";
import { TimeWindow } from "../../src/log/time-window.ts";

const span = fc
  .record({
    start: fc.nat(50),
    length: fc.integer({ min: 1, max: 30 }),
    waitsUntil: fc.option(fc.nat(60), { freq: 4 }),
  })
  .map(({ start, length, waitsUntil }): TimeSpan => ({ start, end: start + length, waitsUntil }));
const id = fc.nat(8).map(String);
const step = fc.oneof(
  fc.record({ does: fc.constant("set" as const), id, spans: fc.array(span, { maxLength: 3 }) }),
  fc.record({ does: fc.constant("delete" as const), id }),
  fc.record({ does: fc.constant("ask" as const), now: fc.nat(100) }),
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What the window answers at each step that asks, and what adding everything up gives there. */
function answers(within: number, steps: readonly Step[]): Record<"window" | "naive", number[]> {
  const window = new TimeWindow(within);
  const all = new Map<string, readonly TimeSpan[]>();
  const found: Record<"window" | "naive", number[]> = { window: [], naive: [] };
  for (const one of steps) {
    switch (one.does) {
      case "set":
        window.set(one.id, one.spans);
        all.set(one.id, one.spans);
        break;
      case "delete":
        window.delete(one.id);
        all.delete(one.id);
        break;
      case "ask": {
        const sums = [...all.values()].map((spans) => secondsOf(spans, one.now, within));
        found.naive.push(sums.reduce((a, b) => a + b, 0));
        found.window.push(window.total(one.now));
      }
    }
  }
  return found;
}

it("is the sum of all that is there, whatever was set, taken away and asked, in any order", () => {
  fc.assert(
    fc.property(fc.nat(40), fc.array(step, { maxLength: 60 }), (within, steps) => {
      const { window, naive } = answers(within, [...steps, { does: "ask", now: 30 }]);

      expect(window).toEqual(naive);
    }),
    { numRuns: 2000 },
  );
});
