/**
 * A program of the machine: it gets the message as JSON on stdin, no more of the environment than the
 * policy names, and a deadline. There is no shell, it does not run in the clone, and what it prints
 * is not looked at. Exit 0 is the acknowledgement.
 */
import { spawn } from "node:child_process";

import type { ExecChannel } from "../core/channel.ts";
import { sha256Base64url } from "../core/crypto.ts";
import { OptoutError } from "../core/errors.ts";
import type { Message } from "../core/notice.ts";
import { systemErrorCode } from "../system/files.ts";
import type { Limit, OpenedChannel, SinkSetting } from "./sink.ts";

/** What every program gets. */
const usual = ["PATH", "HOME", "LANG", "TZ"] as const;

/** @param render what stands on the program's standard input */
export function openExec(
  channel: ExecChannel,
  { env }: SinkSetting,
  render: (message: Message) => string,
): OpenedChannel {
  const missing = channel.env.filter((name) => (env[name] ?? "") === "");
  if (missing.length > 0) return { kind: "elsewhere", channel, missing };
  const given = [...usual, ...channel.env].flatMap((name): readonly [string, string][] => {
    const value = env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const environment = Object.fromEntries(given);
  return {
    kind: "ready",
    channel,
    sink: {
      targetHash: sha256Base64url(Buffer.from(JSON.stringify(channel.command), "utf8")),
      send: (message, limit) => run(channel, environment, render(message), limit),
    },
  };
}

function run(
  { command, timeoutSeconds }: ExecChannel,
  env: Readonly<Record<string, string>>,
  input: string,
  { signal }: Limit,
): Promise<void> {
  const [file = "", ...args] = command;
  const name = file.slice(file.lastIndexOf("/") + 1);
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => reject(new OptoutError("unreachable", `${name} ${what}`));
    // a group of its own, so that nothing that it starts is left behind
    const child = spawn(file, args, {
      cwd: "/",
      env,
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    const stop = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // it has ended by itself
      }
    };
    const timer = setTimeout(stop, timeoutSeconds * 1000);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    child.on("error", (error) =>
      fail(`cannot be started (${systemErrorCode(error) ?? "unknown"})`),
    );
    child.on("close", (status, by) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      if (status === 0) resolve();
      else fail(by === null ? `ended with ${status}` : "did not end in time");
    });
    child.stdin.on("error", () => undefined); // it need not read
    child.stdin.end(input);
  });
}
