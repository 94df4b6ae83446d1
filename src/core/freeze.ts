/**
 * Freezes: times at which the policy lets a stage run only by force. What counts is what clocks on the
 * wall show in the freeze's zone, so a weekly freeze needs no thought when they change.
 */
import type { Clock } from "./clock.ts";
import type { Freeze, FreezeTime, Policy, UnixSeconds } from "./policy.ts";
import { fits, type Subject } from "./scope.ts";
import { secondsAhead } from "./time.ts";

const daySeconds = 86_400;
const weekMinutes = 7 * 24 * 60;
/** 1970-01-01 was a Thursday; weeks begin on Monday here. */
const firstWeekday = 3;

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** `fri 16:00 to mon 08:00`; the pattern has no anchors. */
export const weeklyPattern: string = `(?:${days.join("|")}) [0-2][0-9]:[0-5][0-9] to (?:${days.join("|")}) [0-2][0-9]:[0-5][0-9]`;

/** The weekly time that the text names; null where it names an hour that does not exist. */
export function parseWeekly(text: string): FreezeTime | null {
  const [from, until] = text.split(" to ").map(minuteOfWeek);
  if (from === undefined || until === undefined || from === until) return null;
  return from === null || until === null ? null : { kind: "weekly", from, until, text };
}

function minuteOfWeek(text: string): number | null {
  const [, day = "", hour = "", minute = ""] = /^(\w{3}) (\d\d):(\d\d)$/.exec(text) ?? [];
  const index = days.findIndex((one) => one === day);
  if (index < 0 || Number(hour) > 23) return null;
  return (index * 24 + Number(hour)) * 60 + Number(minute);
}

/** The freeze that the subject is under, if any. Doubt about the clock lifts none. */
export function freezeFor(policy: Policy, subject: Subject, clock: Clock): Freeze | null {
  const stage = policy.stages.get(subject.stage);
  if (stage === undefined) return null;
  const moments = [...new Set([clock.now, clock.earliest, clock.latest])];
  const found = policy.freezes.find(
    ({ match, except, times, zone }) =>
      fits(match, stage, subject) &&
      (except === null || !fits(except, stage, subject)) &&
      moments.some((at) => times.some((time) => isWithin(time, at, zone))),
  );
  return found ?? null;
}

function isWithin(time: FreezeTime, at: UnixSeconds, zone: string): boolean {
  const { kind, from, until } = time;
  if (kind === "span") return at >= from && at < until;
  const wall = at + secondsAhead(zone, at);
  const minute = Math.floor((wall + firstWeekday * daySeconds) / 60) % weekMinutes;
  return from < until ? minute >= from && minute < until : minute >= from || minute < until;
}
