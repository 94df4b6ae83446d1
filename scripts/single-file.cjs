"use strict";
/*
 * The door of the one-file program that `npm run release` makes of the bundle. Until `main` has
 * answered the exit status is a failure, so that a job that gets no clear answer runs its stage.
 */
const { main } = require("../dist/cli.cjs");

process.exitCode = 1;
void main(process.argv.slice(2)).then((status) => {
  if (Number.isInteger(status) && status >= 0 && status <= 255) process.exitCode = status;
});
