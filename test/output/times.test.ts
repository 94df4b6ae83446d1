import { describe, expect, it } from "vitest";

import { agoWords, clockWords, momentWords, untilWords } from "../../src/output/times.ts";

const at = (text: string): number => Date.parse(text) / 1000;
const now = at("2026-11-21T15:00:00Z");
const berlin = "Europe/Berlin";

describe("how long something lasts", () => {
  it("is told relative, in local time with its zone, and in UTC", () => {
    expect(untilWords(now + 7200, now, berlin)).toBe("for 2h, until 18:00 CET (17:00 UTC)");
  });

  it("is told with the date when it ends on another day", () => {
    expect(untilWords(now + 14 * 3600, now, berlin)).toBe(
      "for 14h, until 2026-11-22 06:00 CET (05:00 UTC)",
    );
  });

  it("is told with the UTC date where that is another day than the local one", () => {
    expect(untilWords(at("2026-11-21T23:30:00Z"), now, berlin)).toBe(
      "for 8h30m, until 2026-11-22 00:30 CET (2026-11-21 23:30 UTC)",
    );
  });

  it("is told once when the local zone is UTC", () => {
    expect(untilWords(now + 7200, now, "UTC")).toBe("for 2h, until 17:00 UTC");
    expect(untilWords(now + 7200, now, "Etc/UTC")).toBe("for 2h, until 17:00 UTC");
  });

  it("knows that the clocks changed in between", () => {
    const evening = at("2026-10-24T20:00:00Z");

    expect(untilWords(evening + 12 * 3600, evening, berlin)).toBe(
      "for 12h, until 2026-10-25 09:00 CET (08:00 UTC)",
    );
    expect(untilWords(evening + 3600, evening, berlin)).toBe(
      "for 1h, until 23:00 CEST (21:00 UTC)",
    );
  });

  it("is told in the past when it is over", () => {
    expect(untilWords(now - 600, now, berlin)).toBe("ended 10m ago, at 15:50 CET (14:50 UTC)");
  });

  it("is rounded to what matters", () => {
    expect(untilWords(now + 7195, now, "UTC")).toMatch(/^for 2h, /);
    expect(untilWords(now + 45, now, "UTC")).toMatch(/^for 45s, /);
    expect(untilWords(now + 3 * 86_400 + 125, now, "UTC")).toMatch(/^for 3d, /);
  });
});

describe("when something happened", () => {
  it("is told in local time, in UTC and relative", () => {
    expect(momentWords(now - 3600, now, berlin)).toBe("15:00 CET (14:00 UTC), 1h ago");
  });

  it.each([
    [now, "just now"],
    [now - 4, "just now"],
    [now - 300, "5m ago"],
    [now - 2 * 86_400, "2d ago"],
    [now + 300, "in 5m"],
  ])("is relative to now: %d", (moment, words) => {
    expect(agoWords(moment, now)).toBe(words);
  });
});

describe("the name of a zone", () => {
  it.each([
    ["America/New_York", "12:00 EST (17:00 UTC)"],
    ["Asia/Kolkata", "22:30 GMT+5:30 (17:00 UTC)"],
    ["Europe/London", "17:00 GMT (17:00 UTC)"],
  ])("is its short name, or its distance from GMT: %s", (zone, words) => {
    expect(clockWords(now + 7200, now, zone)).toBe(words);
  });

  it("is UTC when it is not known, so that nothing fails over a clock", () => {
    expect(clockWords(now, now, "Mars/Olympus")).toBe("15:00 UTC");
  });
});
