/*
 * Builds `dist/` as rolldown.config.mjs says, and prints only what is wrong: the bundler's own command
 * lists every chunk.
 */
import { rolldown } from "rolldown";

import config from "../rolldown.config.mjs";

const { output, ...input } = config;
const build = await rolldown(input);
await build.write(output);
await build.close();
