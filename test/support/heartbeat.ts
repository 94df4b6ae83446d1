/** Programs that show that they live: whether one was ended is told without asking for processes. */
import { existsSync, rmSync } from "node:fs";

import { vi } from "vitest";

/** A line of the shell that touches the file again and again, for ever. */
export const beating = (file: string): string => `while :; do : > "${file}"; sleep 0.05; done`;

/** Waits until the file is touched, and no longer than a minute. */
export const untilBeating = (file: string): Promise<unknown> =>
  vi.waitUntil(() => existsSync(file), { timeout: 60_000 });

/** Waits until nothing touches the file any more, and no longer than a minute. */
export const untilStill = (file: string): Promise<unknown> =>
  vi.waitUntil(
    async () => {
      rmSync(file, { force: true });
      await new Promise((resolve) => setTimeout(resolve, 500));
      return !existsSync(file);
    },
    { timeout: 60_000 },
  );
