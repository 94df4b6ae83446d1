/**
 * Colour by meaning. An override in force is never green: what it suspends is yellow.
 *
 * The glyph and the word carry the meaning too, so text without colour says as much. This file is
 * light: the plain paint is all that the check path needs; chalk stands behind `openPaint`.
 */
import type { State } from "../core/state.ts";

export type Tone =
  /** A stage is opted out of. */
  | "suspended"
  /** The stage runs again, or still; the log is intact; a step succeeded. */
  | "restored"
  /** Refused, broken, not intact. */
  | "violation"
  /** Something or somebody is waited for. */
  | "waiting"
  | "faint"
  | "strong";

/** None, or the sixteen that every terminal has and its owner chose. */
export type ColorLevel = 0 | 1;

/** Text in the colour of its meaning. */
export type Paint = (tone: Tone, text: string) => string;

export const plainPaint: Paint = (_tone, text) => text;

export type GlyphTone = Exclude<Tone, "faint" | "strong">;

export const glyphs: Readonly<Record<GlyphTone, string>> = {
  suspended: "!",
  restored: "✓",
  violation: "✗",
  waiting: "…",
};

/** `✓ text`, with its glyph in colour. */
export function marked(paint: Paint, tone: GlyphTone, text: string): string {
  return `${paint(tone, glyphs[tone])} ${text}`;
}

/** A plain line, with the glyph that it begins with in colour. */
export function repainted(paint: Paint, line: string): string {
  const tones: readonly GlyphTone[] = ["suspended", "restored", "violation", "waiting"];
  const tone = tones.find((one) => line.startsWith(`${glyphs[one]} `));
  return tone === undefined ? line : marked(paint, tone, line.slice(2));
}

/** How a state is painted. */
export const stateTones: Readonly<Record<State, Tone>> = {
  pending: "waiting",
  "in-force": "suspended",
  scheduled: "waiting",
  expired: "restored",
  revoked: "restored",
  denied: "restored",
  "used-up": "restored",
  void: "faint",
};
