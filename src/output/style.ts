/**
 * The colours themselves; the only file that knows chalk. Loaded by `openPaint` when there is colour.
 */
import { Chalk, type ChalkInstance } from "chalk";

import type { ColorLevel, Paint, Tone } from "./paint.ts";

const styles: Readonly<Record<Tone, (chalk: ChalkInstance) => ChalkInstance>> = {
  suspended: (chalk) => chalk.yellow,
  restored: (chalk) => chalk.green,
  violation: (chalk) => chalk.red,
  waiting: (chalk) => chalk.cyan,
  faint: (chalk) => chalk.dim,
  strong: (chalk) => chalk.bold,
};

/** Paints at exactly this level; chalk's own guess about the terminal is not asked. */
export function chalkPaint(level: ColorLevel): Paint {
  const chalk = new Chalk({ level });
  return (tone, text) => styles[tone](chalk)(text);
}
