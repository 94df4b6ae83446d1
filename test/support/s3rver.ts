/**
 * s3rver from npm: the counterpart that takes a condition and does not keep it.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { freePorts } from "./free-ports.ts";
import type { BucketServer } from "./s3-world.ts";

export interface S3rver extends BucketServer {
  stop(): Promise<void>;
}

export async function startS3rver(): Promise<S3rver> {
  const folder = mkdtempSync(join(tmpdir(), "optout-s3rver-"));
  const [port = 0] = await freePorts(1);
  const program = fileURLToPath(new URL("../bin/s3rver.js", import.meta.resolve("s3rver")));
  const args = [
    "--directory",
    folder,
    "--port",
    String(port),
    "--address",
    "127.0.0.1",
    "--silent",
  ];
  const child = spawn(process.execPath, [program, ...args], { stdio: "ignore" });
  const ended = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
    if (answer !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    owner: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
    stop: async () => {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
