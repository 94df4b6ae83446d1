/**
 * Lengths of time as people write them: `90m`, `2h`, `1h30m`, `1d`, or ISO 8601 `PT2H`.
 *
 * A day is 24 hours. There are no weeks, months, fractions or words, because each of them has been
 * read in two ways.
 */
import { OptoutError } from "./errors.ts";

/** The longest length that can be written: a leap year, in seconds. */
const longestSeconds = 366 * 86_400;

/** Largest unit first, the order in which they are written. */
const units = [
  { letter: "d", seconds: 86_400 },
  { letter: "h", seconds: 3_600 },
  { letter: "m", seconds: 60 },
  { letter: "s", seconds: 1 },
] as const;

/** As `parseDuration` reads it, and ISO 8601; without anchors, for the policy's JSON Schema. */
export const durationPattern =
  "(?=.)(?:\\d+d)?(?:\\d+h)?(?:\\d+m)?(?:\\d+s)?|P(?=.)(?:\\d+D)?(?:T(?=.)(?:\\d+H)?(?:\\d+M)?(?:\\d+S)?)?";

const plain = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
const iso = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/**
 * Seconds, at least 1 and at most 366 days.
 * @throws `usage`, naming the text and what is wrong with it
 */
export function parseDuration(text: string): number {
  const [, ...counts] = (text.startsWith("P") ? iso : plain).exec(text) ?? [];
  if (counts.every((count) => count === undefined) || text.endsWith("T")) {
    throw wrong(text, complaint(text));
  }
  const seconds = units.reduce(
    (sum, unit, index) => sum + Number(counts[index] ?? 0) * unit.seconds,
    0,
  );
  if (seconds === 0) throw wrong(text, "is no time at all");
  if (seconds > longestSeconds) throw wrong(text, "is longer than 366 days");
  return seconds;
}

/**
 * The same length in days, hours, minutes and seconds, without those that are 0: `2h`, `1h30m`.
 * @param seconds an integer from 0; 0 is `0s`, which `parseDuration` refuses
 */
export function formatDuration(seconds: number): string {
  let rest = seconds;
  let text = "";
  for (const unit of units) {
    const count = Math.floor(rest / unit.seconds);
    rest -= count * unit.seconds;
    if (count > 0) text += `${count}${unit.letter}`;
  }
  return text === "" ? "0s" : text;
}

function wrong(text: string, problem: string): OptoutError {
  return new OptoutError("usage", `the duration ${JSON.stringify(text.slice(0, 40))} ${problem}`, {
    hint: "write it like 90m, 2h, 1h30m or 1d",
  });
}

/** What is wrong with a text that is in neither form. */
function complaint(text: string): string {
  if (text === "") return "is empty";
  if (text.startsWith("-")) return "is negative";
  if (/\s/.test(text)) return "holds a space";
  if (/^\d+$/.test(text)) return `has no unit; did you mean ${text}m?`;
  if (/\d[.,]\d/.test(text)) return "has a fraction; use a smaller unit";
  if (/^(?:\d+[dhms])+$/.test(text)) return orderComplaint(text.match(/[dhms]/g) ?? []);
  if (/^P[\dTDHMS]*$/.test(text)) return "is not in the form of P1DT2H30M";
  return "is not made of days (d), hours (h), minutes (m) and seconds (s)";
}

function orderComplaint(letters: readonly string[]): string {
  const repeated = letters.find((letter, index) => letters.indexOf(letter) !== index);
  return repeated === undefined
    ? "has its units out of order; they go d, h, m, s"
    : `has the unit ${repeated} twice`;
}
