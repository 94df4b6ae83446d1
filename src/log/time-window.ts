/**
 * The seconds for which a stage was opted out of within a rolling time, kept as a sliding window: a
 * sum over all overrides costs what has changed since the last one, not what there is.
 *
 * Of a span, `(end - since)` and `(start - since)`, where they are positive, differ by just what
 * counts of it, so two sums over points of time give the sum over spans. Spans that still wait, or
 * differ from place to place, are few, and are added one by one.
 */
import type { UnixSeconds } from "../core/policy.ts";
import { secondsOf, type TimeSpan } from "../core/time-used.ts";

export class TimeWindow {
  readonly #within: number;
  readonly #starts = new Points();
  readonly #ends = new Points();
  readonly #plain = new Map<string, TimeSpan>();
  readonly #special = new Map<string, readonly TimeSpan[]>();

  /** @param within seconds back from the time that is asked about */
  constructor(within: number) {
    this.#within = within;
  }

  /** Sets what counts of an override, in place of what counted of it before. */
  set(id: string, spans: readonly TimeSpan[]): void {
    this.delete(id);
    const [span, ...others] = spans;
    if (span === undefined) return;
    if (others.length > 0 || span.waitsUntil !== null) {
      this.#special.set(id, spans);
      return;
    }
    this.#plain.set(id, span);
    this.#starts.add(span.start);
    this.#ends.add(span.end);
  }

  delete(id: string): void {
    this.#special.delete(id);
    const span = this.#plain.get(id);
    if (span === undefined) return;
    this.#plain.delete(id);
    this.#starts.remove(span.start);
    this.#ends.remove(span.end);
  }

  /** The sum at a time. Times may go back, but it costs. */
  total(now: UnixSeconds): number {
    const since = now - this.#within;
    let sum = this.#ends.secondsSince(since) - this.#starts.secondsSince(since);
    for (const spans of this.#special.values()) sum += secondsOf(spans, now, this.#within);
    return sum;
  }
}

/** Points of time, sorted, with the sum of those after a moment that moves. */
class Points {
  readonly #sorted: UnixSeconds[] = [];
  #since: UnixSeconds = -Infinity;
  /** Index of the first after the moment; their sum. */
  #first = 0;
  #sum = 0;

  add(point: UnixSeconds): void {
    this.#sorted.splice(this.#indexAfter(point), 0, point);
    if (point > this.#since) this.#sum += point;
    else this.#first += 1;
  }

  remove(point: UnixSeconds): void {
    this.#sorted.splice(this.#indexAfter(point) - 1, 1);
    if (point > this.#since) this.#sum -= point;
    else this.#first -= 1;
  }

  secondsSince(moment: UnixSeconds): number {
    this.#since = moment;
    for (let next = this.#sorted[this.#first]; next !== undefined && next <= moment;) {
      this.#sum -= next;
      this.#first += 1;
      next = this.#sorted[this.#first];
    }
    for (let last = this.#sorted[this.#first - 1]; last !== undefined && last > moment;) {
      this.#sum += last;
      this.#first -= 1;
      last = this.#sorted[this.#first - 1];
    }
    return this.#sum - moment * (this.#sorted.length - this.#first);
  }

  /** The index behind the last point that is not after this one. */
  #indexAfter(point: UnixSeconds): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? Infinity) <= point) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
