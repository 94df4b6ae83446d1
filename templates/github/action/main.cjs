"use strict";
/*
 * The door of the GitHub action: inputs become a command line of optout.cjs, which stands beside it.
 * Inputs come by environment variables, so nothing of them is ever part of a script.
 */
const { join } = require("node:path");

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? "").trim();
const flag = (name, value) => (value === "" ? [] : [`--${name}=${value}`]);

const mode = input("mode");
const stages = input("stages").split(/\s+/).filter(Boolean);

process.argv.splice(2, Infinity, ...commandLine());
require(join(__dirname, "optout.cjs"));

function commandLine() {
  const shared = [
    ...flag("env", input("environment")),
    ...flag("when-unreachable", input("when-unreachable")),
    ...flag("chdir", input("working-directory")),
  ];
  if (mode === "gate") return ["gate", ...shared, ...words()];
  if (mode === "verdict") {
    return [
      "verdict",
      `--needs=${input("needs")}`,
      ...flag("gate", input("gate")),
      ...shared,
      ...words(),
    ];
  }
  throw new Error(`mode is gate or verdict, not ${JSON.stringify(mode)}`);
}

/** A stage is never read as a flag. */
function words() {
  const odd = stages.find((stage) => stage.startsWith("-"));
  if (odd !== undefined) throw new Error(`${JSON.stringify(odd)} is no stage`);
  return stages;
}
