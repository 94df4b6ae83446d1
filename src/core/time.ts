/**
 * Points in time as people write them, and as we write them in UTC.
 *
 * Reads RFC 3339, a local date and time, and a bare time of day, which is the next one to come. A
 * local time that a change of the clocks skips or repeats is refused, never guessed. There is no
 * "tomorrow" and no "next Friday".
 */
import { OptoutError } from "./errors.ts";
import type { UnixSeconds } from "./policy.ts";

/** What a clock on the wall shows, counted as if it showed UTC. */
type WallSeconds = number;

/** The points in time at which clocks show a reading: one, or two that may be meant. */
interface Moments {
  readonly wall: WallSeconds;
  readonly kind: "once" | "never" | "twice";
  /** Where `kind` is `never`: what it would be by the offset before and by the one after. */
  readonly candidates: readonly UnixSeconds[];
}

const daySeconds = 86_400;
const dateAndTime = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?$/;
const timeOfDay = /^(\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * The point in time that the text names.
 * @param now from when the next time of day is sought
 * @param zone IANA name of the zone in which times without an offset are meant
 * @throws `usage` when the text is no time, or a local time that exists twice or not at all (the
 *   message names both readings)
 */
export function parseTime(text: string, now: UnixSeconds, zone: string): UnixSeconds {
  const full = dateAndTime.exec(text);
  if (full !== null) {
    const [, year, month, day, hour, minute, second, offset] = full;
    const date = dateOf(text, Number(year), Number(month), Number(day));
    const clock = clockOf(text, offset, zone);
    return settle(text, zone, momentsOf(date + secondsOfDay(text, hour, minute, second), clock));
  }
  const short = timeOfDay.exec(text);
  if (short === null) throw wrong(text, formComplaint(text));
  const [, hour, minute, second, offset] = short;
  const seconds = secondsOfDay(text, hour, minute, second);
  const clock = clockOf(text, offset, zone);
  const today = Math.floor((now + clock(now)) / daySeconds) * daySeconds;
  const moments = momentsOf(today + seconds, clock);
  const isAhead = moments.candidates.some((at) => at > now);
  return settle(text, zone, isAhead ? moments : momentsOf(today + daySeconds + seconds, clock));
}

/** A date with a time of day, which needs no `now`. */
export function isDateAndTime(text: string): boolean {
  return dateAndTime.test(text);
}

/** Making one costs more than using it often. */
const clocks = new Map<string, (at: UnixSeconds) => number>();

/** Seconds by which the zone's clocks are ahead of UTC. @throws `usage` for an unknown zone */
export function secondsAhead(zone: string, at: UnixSeconds): number {
  if (zone === "UTC") return 0;
  const clock = clocks.get(zone) ?? zoneClock(zone);
  clocks.set(zone, clock);
  return clock(at);
}

/** `2026-11-21T17:00:00Z`. */
export function formatUtc(seconds: UnixSeconds): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** `2026-11-21T17:00Z`; the seconds are cut off. */
export function formatUtcMinute(seconds: UnixSeconds): string {
  return formatUtc(Math.floor(seconds / 60) * 60).replace(":00Z", "Z");
}

function wrong(text: string, problem: string): OptoutError {
  return new OptoutError("usage", `the time ${JSON.stringify(text.slice(0, 40))} ${problem}`, {
    hint: "write it like 18:00, 18:00+01:00 or 2026-11-21T17:00:00Z",
  });
}

function formComplaint(text: string): string {
  if (/:\d{2}[.,]\d/.test(text)) return "has a fraction of a second; leave it out";
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return "is a date without a time of day";
  return "is in no form that is read here";
}

function dateOf(text: string, year: number, month: number, day: number): WallSeconds {
  const date = new Date(Date.UTC(year, month - 1, day));
  if (year < 1970 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) {
    throw wrong(text, "names a day that does not exist");
  }
  return date.getTime() / 1000;
}

function secondsOfDay(
  text: string,
  hour: string | undefined,
  minute: string | undefined,
  second: string | undefined,
): number {
  const [h, m, s] = [Number(hour), Number(minute), Number(second ?? 0)];
  if (h > 23 || m > 59 || s > 59) throw wrong(text, "names a time of day that does not exist");
  return h * 3600 + m * 60 + s;
}

/** How many seconds clocks are ahead of UTC at a point in time: by the offset, or in the zone. */
function clockOf(
  text: string,
  offset: string | undefined,
  zone: string,
): (at: UnixSeconds) => number {
  if (offset === undefined) return zoneClock(zone);
  if (offset === "Z") return () => 0;
  const [h, m] = [Number(offset.slice(1, 3)), Number(offset.slice(4))];
  if (h > 23 || m > 59) throw wrong(text, `has the offset ${offset}, which does not exist`);
  const ahead = (offset.startsWith("-") ? -1 : 1) * (h * 3600 + m * 60);
  return () => ahead;
}

function zoneClock(zone: string): (at: UnixSeconds) => number {
  const format = formatIn(zone);
  return (at) => {
    const parts = new Map(format.formatToParts(at * 1000).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    const day = Date.UTC(part("year"), part("month") - 1, part("day")) / 1000;
    return day + part("hour") * 3600 + part("minute") * 60 + part("second") - at;
  };
}

function formatIn(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (cause) {
    const message = `the time zone ${JSON.stringify(zone)} is not known`;
    throw new OptoutError("usage", message, { hint: "set TZ to a name like Europe/Berlin", cause });
  }
}

/** Offsets change by hours and on few days, so those of the day before and after are all there are. */
function momentsOf(wall: WallSeconds, clock: (at: UnixSeconds) => number): Moments {
  const offsets = new Set([clock(wall - daySeconds), clock(wall + daySeconds)]);
  const candidates = [...offsets].map((offset) => wall - offset);
  const real = candidates.filter((at) => at + clock(at) === wall);
  if (real.length === 1) return { wall, kind: "once", candidates: real };
  return { wall, kind: real.length === 0 ? "never" : "twice", candidates };
}

function settle(text: string, zone: string, { wall, kind, candidates }: Moments): UnixSeconds {
  const [first] = candidates;
  if (kind === "once" && first !== undefined) return first;
  const both = candidates.map((at) => writtenOut(wall, at)).join(" or ");
  const how = kind === "never" ? "does not exist" : "comes twice";
  throw wrong(text, `${how} in ${zone}, where the clocks change; write ${both}`);
}

/** `2026-10-25T02:30:00+01:00 (01:30Z)`. */
function writtenOut(wall: WallSeconds, at: UnixSeconds): string {
  const minutes = Math.round(Math.abs(wall - at) / 60);
  const hh = String(Math.floor(minutes / 60)).padStart(2, "0");
  const mm = String(minutes % 60).padStart(2, "0");
  const offset = `${wall < at ? "-" : "+"}${hh}:${mm}`;
  return `${formatUtc(wall).replace("Z", offset)} (${formatUtcMinute(at).slice(11)})`;
}
