import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { durationPattern, formatDuration, parseDuration } from "../../src/core/duration.ts";
import { problem } from "../support/problem.ts";

describe("a duration", () => {
  it.each([
    ["45s", 45],
    ["90m", 5_400],
    ["2h", 7_200],
    ["1h30m", 5_400],
    ["1d", 86_400],
    ["2d12h", 216_000],
    ["1d2h3m4s", 93_784],
    ["366d", 31_622_400],
    ["PT2H", 7_200],
    ["P1D", 86_400],
    ["P1DT2H", 93_600],
    ["PT1H30M5S", 5_405],
    ["P12DT10H20M30S", 12 * 86_400 + 37_230],
    ["0h5m", 300],
  ])("reads %s as %i seconds", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each([
    ["", "is empty"],
    ["0s", "is no time at all"],
    ["0h0m", "is no time at all"],
    ["PT0S", "is no time at all"],
    ["-2h", "is negative"],
    ["-PT2H", "is negative"],
    ["1.5h", "has a fraction; use a smaller unit"],
    ["1,5h", "has a fraction; use a smaller unit"],
    ["PT0.5H", "has a fraction; use a smaller unit"],
    ["367d", "is longer than 366 days"],
    ["99999999999999999999d", "is longer than 366 days"],
    ["8785h", "is longer than 366 days"],
    ["2h2h", "has the unit h twice"],
    ["30m1h", "has its units out of order; they go d, h, m, s"],
    ["90", "has no unit; did you mean 90m?"],
    ["2 h", "holds a space"],
    [" 2h", "holds a space"],
    ["2h\n", "holds a space"],
    ["1w", "is not made of days (d), hours (h), minutes (m) and seconds (s)"],
    ["2H", "is not made of days (d), hours (h), minutes (m) and seconds (s)"],
    ["two hours", "holds a space"],
    ["tomorrow", "is not made of days (d), hours (h), minutes (m) and seconds (s)"],
    ["P", "is not in the form of P1DT2H30M"],
    ["PT", "is not in the form of P1DT2H30M"],
    ["xPT2H", "is not made of days (d), hours (h), minutes (m) and seconds (s)"],
    ["PT2Hx", "is not made of days (d), hours (h), minutes (m) and seconds (s)"],
    ["2hx", "is not made of days (d), hours (h), minutes (m) and seconds (s)"],
    ["x12", "is not made of days (d), hours (h), minutes (m) and seconds (s)"],
    ["P1DT", "is not in the form of P1DT2H30M"],
    ["P2H", "is not in the form of P1DT2H30M"],
    ["P1M", "is not in the form of P1DT2H30M"],
    ["P1W", "is not made of days (d), hours (h), minutes (m) and seconds (s)"],
    ["pt2h", "is not made of days (d), hours (h), minutes (m) and seconds (s)"],
  ])("refuses %j, which %s", (text, what) => {
    expect(problem(() => parseDuration(text))).toEqual({
      code: "usage",
      message: `the duration ${JSON.stringify(text)} ${what}`,
    });
  });

  it("says how to write one", () => {
    expect(() => parseDuration("x")).toThrow(
      expect.objectContaining({ hint: "write it like 90m, 2h, 1h30m or 1d" }),
    );
  });

  it("does not repeat a long text in its message", () => {
    expect(problem(() => parseDuration("x".repeat(10_000))).message.length).toBeLessThan(200);
  });

  it.each([
    [1, "1s"],
    [60, "1m"],
    [5_400, "1h30m"],
    [7_200, "2h"],
    [86_400, "1d"],
    [90_061, "1d1h1m1s"],
    [0, "0s"],
  ])("is written %i seconds as %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it("that was written is read back as it was", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 366 * 86_400 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds))).toBe(seconds);
      }),
    );
  });

  it("is accepted by the pattern of the JSON Schema exactly when its form is read", () => {
    const whole = new RegExp(`^(?:${durationPattern})$`);
    const text = fc.string({ unit: fc.constantFrom(..."12dhmsPTDHMS"), maxLength: 8 });
    const isForm = (written: string): boolean => {
      try {
        return parseDuration(written) > 0;
      } catch (thrown) {
        return /no time at all|longer than 366/.test(String(thrown));
      }
    };
    fc.assert(
      fc.property(text, (written) => {
        expect(whole.test(written)).toBe(isForm(written));
      }),
      { numRuns: 3_000 },
    );
  });
});
