/**
 * The clock, and doubt about it. A runner a year behind would revive everything that has expired,
 * so nothing is permitted when another clock contradicts this one by more than two minutes.
 */
import type { UnixSeconds } from "./policy.ts";
import { counted, type View } from "./view.ts";

/** Seconds by which two honest clocks may differ. */
const tolerance = 120;

export interface Clock {
  readonly now: UnixSeconds;
  /** Whether something contradicts `now`. */
  readonly inDoubt: boolean;
  /** The earliest and the latest time that it may be; both `now` unless in doubt. */
  readonly earliest: UnixSeconds;
  readonly latest: UnixSeconds;
}

/** A clock that nothing contradicts: for asking what would be judged at a time. */
export function certain(now: UnixSeconds): Clock {
  return { now, inDoubt: false, earliest: now, latest: now };
}

/** Holds `now` against the store's time and the times at which people signed. */
export function clockOf(view: View, now: UnixSeconds, storeTime: UnixSeconds | null): Clock {
  const others = view.readings.flatMap((reading) => {
    const iat = reading.claim?.iat ?? null;
    if (iat === null || iat <= now + tolerance) return [];
    const person = counted(view, reading)?.principal.kind === "person";
    return person ? [iat] : [];
  });
  if (storeTime !== null && Math.abs(storeTime - now) > tolerance) others.push(storeTime);
  return {
    now,
    inDoubt: others.length > 0,
    earliest: others.reduce((a, b) => Math.min(a, b), now),
    latest: others.reduce((a, b) => Math.max(a, b), now),
  };
}
