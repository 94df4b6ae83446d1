/**
 * Several processes that write to one log at the same time.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { rolldown } from "rolldown";

let program: Promise<string> | undefined;

/**
 * Starts one process for each list of arguments, lets each append `count` texts, and returns what
 * they say was created.
 */
export async function runWriters(
  writers: readonly (readonly string[])[],
  count: number,
): Promise<readonly string[]> {
  const file = await writerProgram();
  const said = await Promise.all(writers.map((args) => runWriter([file, ...args, String(count)])));
  return said.flat();
}

/** The program of `writer-process.ts`; its last argument is how many texts to append. */
export function writerProgram(): Promise<string> {
  program ??= bundle(fileURLToPath(import.meta.resolve("./writer-process.ts")));
  return program;
}

/** Makes a program of a source file, for every Node that the project runs on. */
async function bundle(input: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "optout-test-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  const build = await rolldown({ input, platform: "node" });
  await build.write({ dir: directory, format: "esm", entryFileNames: "program.mjs" });
  await build.close();
  return join(directory, "program.mjs");
}

async function runWriter(args: readonly string[]): Promise<readonly string[]> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
  });
  const status = await new Promise((resolve) => {
    child.once("close", resolve);
  });
  if (status !== 0) throw new Error(`a writer ended with ${String(status)}`);
  return output.split("\n").filter((line) => line !== "");
}
