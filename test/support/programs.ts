/** Programs of the machine that some tests need beside Node and git; what is missing is skipped by name. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

export const isInstalled = (program: string): boolean =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .some((directory) => existsSync(join(directory, program)));

/** A real terminal for a program, as Linux's `script` makes one; that of BSD takes other flags. */
export const hasScript: boolean = /util-linux/.test(
  spawnSync("script", ["--version"]).stdout?.toString() ?? "",
);

export const hasOpenssl: boolean = isInstalled("openssl");

/** The library that gives a program another time, to be named by `LD_PRELOAD`; "" where there is none. */
export const faketime: string = spawnSync("sh", ["-c", "ls /usr/lib/*/faketime/libfaketime.so.1"], {
  encoding: "utf8",
}).stdout.trim();
