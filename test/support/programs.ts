/** Programs of the machine that some tests need beside Node and git; what is missing is skipped by name. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

export const isInstalled = (program: string): boolean =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .some((directory) => existsSync(join(directory, program)));

export const hasOpenssl: boolean = isInstalled("openssl");
