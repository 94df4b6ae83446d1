/** A program that is told: what it gets, what it does not, and how it ends. */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeEach, describe, expect, it } from "vitest";

import type { ExecChannel } from "../../src/core/channel.ts";
import { execInput } from "../../src/output/notice-json.ts";
import { openExec } from "../../src/sinks/exec.ts";
import type { OpenedChannel } from "../../src/sinks/sink.ts";
import { beating, untilStill } from "../support/heartbeat.ts";
import { messageWith, noForge } from "../support/message.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryDirectory();
});

/** A script that finds its folder in the first argument. */
function script(text: string): string {
  const file = join(folder, "tell.sh");
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o700);
  return file;
}

function open(
  command: readonly string[],
  more: Partial<ExecChannel> = {},
  env: Record<string, string> = {},
): OpenedChannel {
  const channel: ExecChannel = {
    to: "exec",
    name: "pager",
    match: null,
    rules: null,
    events: null,
    line: 1,
    command,
    env: [],
    timeoutSeconds: 10,
    ...more,
  };
  const setting = { env: { PATH: process.env["PATH"] ?? "", ...env }, home: null, forge: noForge };
  return openExec(channel, setting, execInput);
}

async function send(opened: OpenedChannel, milliseconds = 10_000): Promise<void> {
  if (opened.kind !== "ready") throw new Error(`the channel is ${opened.kind}`);
  const signal = AbortSignal.timeout(milliseconds);
  await opened.sink.send(messageWith("image answers 500"), { signal, left: () => milliseconds });
}

describe("a program", () => {
  it("gets the message as JSON on standard input, and its arguments as they are", async () => {
    const file = script('cat > "$1/input"; printf %s "$2" > "$1/argument"');
    await send(open([file, folder, "$(id); 'x"]));

    expect(JSON.parse(readFileSync(join(folder, "input"), "utf8"))).toMatchObject({
      kind: "optout/notices",
      notices: [{ event: "created", override: { by: "alice" } }],
    });
    expect(readFileSync(join(folder, "argument"), "utf8")).toBe("$(id); 'x");
  });

  it("gets no variable that the policy does not name, and does not run in the clone", async () => {
    const file = script('env > "$1/env"; pwd > "$1/pwd"');
    const env = { PAGER_KEY: "k1", GITHUB_TOKEN: "ghs_canary", OPTOUT_KEY: "canary" };
    await send(open([file, folder], { env: ["PAGER_KEY"] }, env));

    const seen = readFileSync(join(folder, "env"), "utf8");
    expect(seen).toContain("PAGER_KEY=k1");
    expect(seen).not.toContain("canary");
    expect(readFileSync(join(folder, "pwd"), "utf8")).toBe("/\n");
  });

  it("is for another machine when a variable is not set here", () => {
    expect(open(["true"], { env: ["PAGER_KEY"] })).toMatchObject({
      kind: "elsewhere",
      missing: ["PAGER_KEY"],
    });
  });

  it("need not read", async () => {
    await expect(send(open(["true"]))).resolves.toBeUndefined();
  });

  it("has not told anybody when it fails, and what it prints is not shown", async () => {
    const file = script("echo canary >&2; exit 7");

    await expect(send(open([file]))).rejects.toMatchObject({
      code: "unreachable",
      message: "tell.sh ended with 7",
    });
  });

  it("has not told anybody when it is not there", async () => {
    await expect(send(open(["optout-no-such-program"]))).rejects.toMatchObject({
      message: "optout-no-such-program cannot be started (ENOENT)",
    });
  });

  it("is ended with all that it started when its time is over", async () => {
    const beat = join(folder, "beat");
    const file = script(`(${beating(beat)}) & sleep 600`);
    await expect(send(open([file, folder], { timeoutSeconds: 1 }))).rejects.toMatchObject({
      message: "tell.sh did not end in time",
    });

    await untilStill(beat);
  });
});
