/**
 * Times for people: relative, local with its zone, and UTC. The zone is an argument.
 */
import { formatDuration } from "../core/duration.ts";
import type { UnixSeconds } from "../core/policy.ts";
import { formatUtcMinute } from "../core/time.ts";

/** `for 2h, until 18:00 CET (17:00 UTC)`; with dates where it ends on another day. */
export function untilWords(end: UnixSeconds, now: UnixSeconds, zone: string): string {
  if (end <= now) return `ended ${agoWords(end, now)}, at ${clockWords(end, now, zone)}`;
  return `for ${roughly(end - now)}, until ${clockWords(end, now, zone)}`;
}

/** `16:00 CET (15:00 UTC), 2h ago`; with dates where it is not today. */
export function momentWords(at: UnixSeconds, now: UnixSeconds, zone: string): string {
  return `${clockWords(at, now, zone)}, ${agoWords(at, now)}`;
}

/** `2h ago`, `just now`, `in 5m`. */
export function agoWords(at: UnixSeconds, now: UnixSeconds): string {
  if (Math.abs(now - at) < 5) return "just now";
  return at < now ? `${roughly(now - at)} ago` : `in ${roughly(at - now)}`;
}

/** `18:00 CET (17:00 UTC)`; a date stands only where it is not that of `now`, or of the local one. */
export function clockWords(at: UnixSeconds, now: UnixSeconds, zone: string): string {
  const local = wallClock(at, zone);
  const utc = wallClock(at, "UTC");
  const isToday = local.date === wallClock(now, zone).date;
  const shown = `${isToday ? "" : `${local.date} `}${local.time} ${local.zone}`;
  if (local.zone === "UTC") return shown;
  return `${shown} (${utc.date === local.date ? "" : `${utc.date} `}${utc.time} UTC)`;
}

const minute = 60;
const day = 86_400;

/** Seconds below a minute, minutes below two days, hours beyond. */
function roughly(seconds: number): string {
  if (seconds < minute) return formatDuration(seconds);
  const unit = seconds < 2 * day ? minute : 60 * minute;
  return formatDuration(Math.round(seconds / unit) * unit);
}

interface WallClock {
  /** `2026-11-21`. */
  readonly date: string;
  /** `18:00`. */
  readonly time: string;
  /** `CET`, or `GMT+5:30` where English has no name for it. */
  readonly zone: string;
}

function wallClock(at: UnixSeconds, zone: string): WallClock {
  if (zone === "UTC") return utcClock(at);
  const [british, american] = formatsOf(zone);
  if (british === undefined || american === undefined) return utcClock(at);
  const british1 = partsOf(british, at);
  const name = british1("timeZoneName");
  return {
    date: `${british1("year")}-${british1("month")}-${british1("day")}`,
    time: `${british1("hour")}:${british1("minute")}`,
    zone: /^GMT[+-]/.test(name) ? partsOf(american, at)("timeZoneName") : name,
  };
}

function utcClock(at: UnixSeconds): WallClock {
  const [date = "", time = ""] = formatUtcMinute(at).replace("Z", "").split("T");
  return { date, time, zone: "UTC" };
}

function partsOf(
  format: Intl.DateTimeFormat,
  at: UnixSeconds,
): (type: Intl.DateTimeFormatPartTypes) => string {
  const parts = format.formatToParts(at * 1000);
  return (type) => parts.find((part) => part.type === type)?.value ?? "";
}

/** Making one costs more than using it a hundred times, and a table uses it for every row. */
const known = new Map<string, readonly Intl.DateTimeFormat[]>();

/** Each knows the short names of its own zones only: CET is British, PST American. */
function formatsOf(zone: string): readonly Intl.DateTimeFormat[] {
  const formats = known.get(zone) ?? makeFormats(zone);
  known.set(zone, formats);
  return formats;
}

/** None for a zone that Node does not know; UTC is told then, and nothing fails over a clock. */
function makeFormats(zone: string): readonly Intl.DateTimeFormat[] {
  const options: Intl.DateTimeFormatOptions = {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  };
  try {
    return ["en-GB", "en-US"].map((locale) => new Intl.DateTimeFormat(locale, options));
  } catch {
    return [];
  }
}
