import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { formatUtc, formatUtcMinute, parseTime } from "../../src/core/time.ts";
import { problem } from "../support/problem.ts";

const berlin = "Europe/Berlin";
/** 2026-11-21, 16:00 in Berlin. */
const now = utc("2026-11-21T15:00:00Z");

function utc(text: string): number {
  return Date.parse(text) / 1000;
}

describe("a point in time", () => {
  it.each([
    ["2026-11-21T17:00:00Z", "2026-11-21T17:00:00Z"],
    ["2026-11-21T17:00Z", "2026-11-21T17:00:00Z"],
    ["2026-11-21T18:00:00+01:00", "2026-11-21T17:00:00Z"],
    ["2026-11-21T18:00+01:00", "2026-11-21T17:00:00Z"],
    ["2026-11-21 18:00+01:00", "2026-11-21T17:00:00Z"],
    ["2026-11-21T11:30:15-05:30", "2026-11-21T17:00:15Z"],
    ["2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z"],
    ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"],
  ])("%s is read as RFC 3339, whatever the zone", (text, expected) => {
    expect(parseTime(text, now, berlin)).toBe(utc(expected));
    expect(parseTime(text, now, "Asia/Tokyo")).toBe(utc(expected));
  });

  it.each([
    ["2026-11-21 18:00", berlin, "2026-11-21T17:00:00Z"],
    ["2026-07-21 18:00", berlin, "2026-07-21T16:00:00Z"],
    ["2026-11-21T18:00:30", berlin, "2026-11-21T17:00:30Z"],
    ["2026-11-21 18:00", "Asia/Kolkata", "2026-11-21T12:30:00Z"],
    ["2026-11-21 18:00", "Pacific/Kiritimati", "2026-11-21T04:00:00Z"],
    ["2026-11-21 18:00", "UTC", "2026-11-21T18:00:00Z"],
  ])("%s without an offset is meant in the zone %s", (text, zone, expected) => {
    expect(parseTime(text, now, zone)).toBe(utc(expected));
  });

  it.each([
    ["18:00", berlin, "2026-11-21T17:00:00Z"],
    ["16:01", berlin, "2026-11-21T15:01:00Z"],
    ["16:00:01", berlin, "2026-11-21T15:00:01Z"],
    ["16:00", berlin, "2026-11-22T15:00:00Z"],
    ["09:00", berlin, "2026-11-22T08:00:00Z"],
    ["00:00", berlin, "2026-11-21T23:00:00Z"],
    ["03:00", "Asia/Tokyo", "2026-11-21T18:00:00Z"],
    ["18:00+01:00", "Asia/Tokyo", "2026-11-21T17:00:00Z"],
    ["16:00+01:00", "Asia/Tokyo", "2026-11-22T15:00:00Z"],
    ["17:00Z", berlin, "2026-11-21T17:00:00Z"],
    ["15:00Z", berlin, "2026-11-22T15:00:00Z"],
    ["23:00-11:00", berlin, "2026-11-22T10:00:00Z"],
  ])("%s alone in %s is the next one to come", (text, zone, expected) => {
    expect(parseTime(text, now, zone)).toBe(utc(expected));
  });

  it("that a change of the clocks skips is refused, with both readings", () => {
    expect(problem(() => parseTime("2026-03-29 02:30", now, berlin))).toEqual({
      code: "usage",
      message:
        'the time "2026-03-29 02:30" does not exist in Europe/Berlin, where the clocks change; ' +
        "write 2026-03-29T02:30:00+01:00 (01:30Z) or 2026-03-29T02:30:00+02:00 (00:30Z)",
    });
  });

  it("that a change of the clocks repeats is refused, with both readings", () => {
    expect(problem(() => parseTime("2026-10-25 02:30", now, berlin))).toEqual({
      code: "usage",
      message:
        'the time "2026-10-25 02:30" comes twice in Europe/Berlin, where the clocks change; ' +
        "write 2026-10-25T02:30:00+02:00 (00:30Z) or 2026-10-25T02:30:00+01:00 (01:30Z)",
    });
  });

  it("that is refused west of Greenwich is shown with its offsets too", () => {
    expect(() => parseTime("2026-03-08 02:30", now, "America/New_York")).toThrow(
      "write 2026-03-08T02:30:00-05:00 (07:30Z) or 2026-03-08T02:30:00-04:00 (06:30Z)",
    );
  });

  it("with an offset may be as far from UTC as a day allows", () => {
    expect(parseTime("2026-11-21T17:00:00+23:59", now, berlin)).toBe(utc("2026-11-20T17:01:00Z"));
    expect(parseTime("2026-11-21T17:00:00-23:59", now, berlin)).toBe(utc("2026-11-22T16:59:00Z"));
  });

  it.each([
    ["the last second before the gap", "2026-03-29 01:59:59", "2026-03-29T00:59:59Z"],
    ["the first second after the gap", "2026-03-29 03:00:00", "2026-03-29T01:00:00Z"],
    ["the last second before the repetition", "2026-10-25 01:59:59", "2026-10-24T23:59:59Z"],
    ["the first second after the repetition", "2026-10-25 03:00:00", "2026-10-25T02:00:00Z"],
  ])("at %s is plain", (_, text, expected) => {
    expect(parseTime(text, now, berlin)).toBe(utc(expected));
  });

  it("in a half-hour gap is refused as well", () => {
    expect(() => parseTime("2026-10-04 02:15", now, "Australia/Lord_Howe")).toThrow(
      "does not exist in Australia/Lord_Howe",
    );
  });

  it("of a day that a zone left out does not exist", () => {
    expect(() => parseTime("2011-12-30 12:00", now, "Pacific/Apia")).toThrow(
      "does not exist in Pacific/Apia",
    );
  });

  it("of today that comes twice is refused while one of the two is ahead", () => {
    const between = utc("2026-10-25T00:40:00Z");
    expect(() => parseTime("02:30", between, berlin)).toThrow("comes twice in Europe/Berlin");
  });

  it("of today that came twice, or never, is tomorrow's once it is over", () => {
    expect(parseTime("02:30", utc("2026-10-25T10:00:00Z"), berlin)).toBe(
      utc("2026-10-26T01:30:00Z"),
    );
    expect(parseTime("02:30", utc("2026-03-29T10:00:00Z"), berlin)).toBe(
      utc("2026-03-30T00:30:00Z"),
    );
  });

  it("of tomorrow that does not exist is refused", () => {
    expect(() => parseTime("02:30", utc("2026-03-28T10:00:00Z"), berlin)).toThrow(
      'the time "02:30" does not exist in Europe/Berlin',
    );
  });

  it.each([
    ["", "is in no form that is read here"],
    ["tomorrow", "is in no form that is read here"],
    ["in 2 hours", "is in no form that is read here"],
    ["6pm", "is in no form that is read here"],
    ["8:00", "is in no form that is read here"],
    ["1800", "is in no form that is read here"],
    ["12026-11-21T17:00Z", "is in no form that is read here"],
    ["x2026-11-21", "is in no form that is read here"],
    ["1763740800", "is in no form that is read here"],
    ["18:00 CET", "is in no form that is read here"],
    ["18:00+1", "is in no form that is read here"],
    ["18:00z", "is in no form that is read here"],
    ["21.11.2026 18:00", "is in no form that is read here"],
    ["2026-11-21  18:00", "is in no form that is read here"],
    ["2026-11-21", "is a date without a time of day"],
    ["2026-11-21T17:00:00.5Z", "has a fraction of a second; leave it out"],
    ["24:00", "names a time of day that does not exist"],
    ["18:60", "names a time of day that does not exist"],
    ["23:59:60", "names a time of day that does not exist"],
    ["2026-02-29T00:00:00Z", "names a day that does not exist"],
    ["2026-13-01T00:00:00Z", "names a day that does not exist"],
    ["2026-00-10T00:00:00Z", "names a day that does not exist"],
    ["2026-04-31 10:00", "names a day that does not exist"],
    ["1969-12-31T23:59:59Z", "names a day that does not exist"],
    ["18:00+24:00", "has the offset +24:00, which does not exist"],
    ["18:00-01:60", "has the offset -01:60, which does not exist"],
  ])("is not %j, which %s", (text, what) => {
    expect(problem(() => parseTime(text, now, berlin))).toEqual({
      code: "usage",
      message: `the time ${JSON.stringify(text)} ${what}`,
    });
  });

  it("cannot be told in a zone that is not known", () => {
    expect(problem(() => parseTime("18:00", now, "Mars/Olympus"))).toEqual({
      code: "usage",
      message: 'the time zone "Mars/Olympus" is not known',
    });
  });

  const seconds = fc.integer({ min: 0, max: utc("2099-12-31T23:59:59Z") });

  it("that was written in UTC is read back as it was", () => {
    fc.assert(
      fc.property(seconds, (at) => {
        expect(parseTime(formatUtc(at), now, berlin)).toBe(at);
      }),
    );
  });

  it("as a time of day is ahead, and within a day and the hour that clocks may change by", () => {
    const clock = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }));
    const zones = fc.constantFrom("UTC", "Asia/Tokyo", "Asia/Kolkata", "America/Phoenix");
    fc.assert(
      fc.property(seconds, clock, zones, (at, [hour, minute], zone) => {
        const text = `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
        const found = parseTime(text, at, zone);
        expect(found).toBeGreaterThan(at);
        expect(found - at).toBeLessThanOrEqual(25 * 3600);
      }),
    );
  });

  it("in the zone is refused, or what clocks there show", () => {
    const wall = fc.integer({ min: utc("2020-01-01T00:00:00Z"), max: utc("2035-01-01T00:00:00Z") });
    const show = new Intl.DateTimeFormat("sv-SE", {
      timeZone: berlin,
      dateStyle: "short",
      timeStyle: "medium",
    });
    const shown = (text: string): string => {
      try {
        return show.format(parseTime(text, now, berlin) * 1000);
      } catch (thrown) {
        return String(thrown);
      }
    };
    fc.assert(
      fc.property(wall, (at) => {
        const text = formatUtc(at).replace("T", " ").replace("Z", "");
        expect(shown(text)).toMatch(new RegExp(`^${text}$|does not exist|comes twice`));
      }),
    );
  });

  it("has a short form, to the minute", () => {
    expect(formatUtcMinute(utc("2026-11-21T17:00:00Z"))).toBe("2026-11-21T17:00Z");
    expect(formatUtcMinute(utc("2026-11-21T17:00:59Z"))).toBe("2026-11-21T17:00Z");
  });
});
