/**
 * Runs another program for its answer on standard output. What it is given to keep secret goes to its
 * standard input, never into its arguments, which everybody on the machine can see.
 */
import { spawn } from "node:child_process";

export interface Asked {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For its standard input, which is empty otherwise. */
  readonly input?: string;
  /** Milliseconds, after which it is killed. */
  readonly limit?: number;
}

/** Its standard output; null when it is not installed, fails, or takes too long. Never throws. */
export function askProgram(
  file: string,
  args: readonly string[],
  { env, input = "", limit = 10_000 }: Asked,
): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      env: { ...env },
      stdio: ["pipe", "pipe", "ignore"],
      // its own timeout would keep this process alive where the program is not installed
      signal: AbortSignal.timeout(limit),
      killSignal: "SIGKILL",
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stdin.on("error", () => undefined);
    child.on("error", () => resolve(null));
    child.on("close", (status) => {
      resolve(status === 0 ? Buffer.concat(chunks).toString("utf8") : null);
    });
    child.stdin.end(input);
  });
}
