/**
 * The paint for one of the two streams, as `--color` and the environment say.
 */
import { openPaint } from "../output/color.ts";
import type { Io } from "../output/io.ts";
import type { Paint } from "../output/paint.ts";
import type { Call } from "./command.ts";

/** For the answer. */
export const paintOut = (call: Call, io: Io): Promise<Paint> =>
  openPaint({ flag: call.text("color"), env: io.env, isTerminal: io.stdoutIsTerminal });

/** For talk. */
export const paintErr = (call: Call, io: Io): Promise<Paint> =>
  openPaint({ flag: call.text("color"), env: io.env, isTerminal: io.stderrIsTerminal });
