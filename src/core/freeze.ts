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
  const found = policy.freezes.find(
    ({ match, except, times, zone }) =>
      fits(match, stage, subject) &&
      (except === null || !fits(except, stage, subject)) &&
      times.some((time) => mayBeWithin(time, clock, zone)),
  );
  return found ?? null;
}

/** Whether any time that it may be is within. */
function mayBeWithin(time: FreezeTime, { earliest, latest }: Clock, zone: string): boolean {
  const { kind, from, until } = time;
  if (kind === "span") return latest >= from && earliest < until;
  const first = wallMinute(earliest, zone);
  const minute = first % weekMinutes;
  const isWithin =
    from < until ? minute >= from && minute < until : minute >= from || minute < until;
  // where clocks are set back, more time passes than they show
  const span = Math.max(wallMinute(latest, zone) - first, Math.ceil((latest - earliest) / 60));
  return isWithin || (span > 0 && (from - minute + weekMinutes) % weekMinutes <= span);
}

/** Minutes since a Monday, as clocks on the wall show. */
function wallMinute(at: UnixSeconds, zone: string): number {
  return Math.floor((at + secondsAhead(zone, at) + firstWeekday * daySeconds) / 60);
}
