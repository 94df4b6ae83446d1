/*
 * The import rule of the house (CONTRIBUTING.md): core <- log <- operations <- commands <- cli.
 * Implementations are imported by open.ts, open-known.ts, open-sinks.ts and open-store.ts alone, everyone
 * else imports the interface beside them.
 * A room is named with what it may import; whatever is not named is refused.
 */
"use strict";
const { existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const CORE = "^src/core/";
const CORE_ERRORS = "^src/core/(errors|exit)[.]ts$";
const CRYPTO = "^src/core/crypto[.]ts$";
const LOG = "^src/log/";
const SYSTEM = "^src/system/";
const OPERATIONS = "^src/operations/";
const COMMANDS = "^src/commands/";
const OUTPUT = "^src/output/";
const WIRING = "^src/wiring/";
const FORGES = "^src/forges/";
const CLI = "^src/cli[.]ts$";
const COMMAND_LINE = "^src/command-line[.]ts$";
const OPEN = "^src/open(-known|-sinks|-store)?[.]ts$";

const INTERFACE = "^src/(stores/store|signers/signer|forges/(forge|api)|sinks/sink)[.]ts$";
const IN_IMPLEMENTATION_ROOM = "^src/(stores|signers|forges|sinks)/";
const NOTHING = "^$";
const IMPLEMENTATIONS = [
  NOTHING,
  ...["open.ts", "open-known.ts", "open-sinks.ts", "open-store.ts"].flatMap((name) =>
    namedIn(join(__dirname, "src", name)),
  ),
];

const ANY_PACKAGE = "(^|/)node_modules/";
const packages = (...names) => `(^|/)node_modules/(@types/)?(${names.join("|")})/`;

/** What these import out of the four rooms is an implementation; the other files there help one. */
function namedIn(file) {
  if (!existsSync(file)) return [];
  const found = readFileSync(file, "utf8").matchAll(
    /"[.]\/((?:stores|signers|forges|sinks)\/[^".]+)[.]ts"/g,
  );
  return [...found].map(([, name]) => `^src/${name}[.]ts$`);
}

/** A room and everything that it may import. */
function room(name, comment, { files, not, may, node = false }) {
  return {
    name,
    comment,
    severity: "error",
    from: not === undefined ? { path: files } : { path: files, pathNot: not },
    to: node ? { pathNot: may, dependencyTypesNot: ["core"] } : { pathNot: may },
  };
}

/** Packages that have one home. */
function home(name, names, homes) {
  const comment = `only ${homes.join(" or ")} may import ${names.join(", ")}`;
  return {
    name,
    comment,
    severity: "error",
    from: { path: "^src/", pathNot: homes },
    to: { path: packages(...names) },
  };
}

function refuse(name, comment, from, to) {
  return { name, comment, severity: "error", from, to };
}

module.exports = {
  forbidden: [
    room("core-is-pure", "core imports core and js-yaml: no clock, network or disk", {
      files: CORE,
      not: CRYPTO,
      may: [CORE, packages("js-yaml")],
    }),
    room("core-crypto-only-hashes-and-verifies", "crypto.ts alone may also import node:crypto", {
      files: CRYPTO,
      may: [CORE, "^crypto$"],
    }),
    room("log-knows-the-store-interface", "log imports core and stores/store.ts", {
      files: LOG,
      may: [CORE, LOG, "^src/stores/store[.]ts$"],
    }),
    room("interface-knows-only-core", "a contract is made of core's words", {
      files: INTERFACE,
      may: [CORE, INTERFACE],
    }),
    room("implementation-knows-core-and-system", "and its interface, its helpers, its client", {
      files: IN_IMPLEMENTATION_ROOM,
      not: INTERFACE,
      may: [CORE, SYSTEM, "^src/$1/", ANY_PACKAGE],
      node: true,
    }),
    refuse(
      "implementations-stand-apart",
      "a store imports no other store; what two share is a file of its own",
      { path: IN_IMPLEMENTATION_ROOM },
      { path: IMPLEMENTATIONS, pathNot: INTERFACE },
    ),
    room("system-knows-only-errors", "system imports core's errors, node and packages", {
      files: SYSTEM,
      may: [CORE_ERRORS, SYSTEM, ANY_PACKAGE],
      node: true,
    }),
    room("operations-know-interfaces", "no implementation, no words, no flags", {
      files: OPERATIONS,
      may: [CORE, LOG, OPERATIONS, INTERFACE, ANY_PACKAGE],
      node: true,
    }),
    room("wiring-knows-core", "reads the CI files that it is given; no disk, no git", {
      files: WIRING,
      may: [CORE, WIRING, packages("yaml")],
    }),
    room("commands-know-no-implementation", "flags, then an operation, then output", {
      files: COMMANDS,
      may: [CORE, LOG, OPERATIONS, WIRING, COMMANDS, OUTPUT, SYSTEM, INTERFACE, ANY_PACKAGE],
      node: true,
    }),
    room("output-knows-only-core", "output turns core's values into words", {
      files: OUTPUT,
      may: [CORE, OUTPUT, ANY_PACKAGE],
      node: true,
    }),
    refuse(
      "implementations-only-in-open",
      "open.ts and its three helpers open them; everyone else imports the interface",
      { path: "^src/[^/]+[.]ts$", pathNot: OPEN },
      { path: IN_IMPLEMENTATION_ROOM, pathNot: INTERFACE },
    ),
    refuse(
      "open-only-in-command-line",
      "an operation receives what it uses; no container is passed around",
      { path: "^src/", pathNot: [COMMAND_LINE, "^src/open[.]ts$"] },
      { path: OPEN },
    ),
    refuse("nobody-imports-cli", "bin and tests alone start it", { path: "^src/" }, { path: CLI }),
    refuse(
      "source-stays-in-source",
      "nothing in src imports tests, scripts or benchmarks",
      { path: "^src/" },
      { path: "^(test|scripts|bench|bin|dist|templates)/" },
    ),
    home("chalk-in-output", ["chalk"], [OUTPUT]),
    home("prompts-in-output", ["inquirer", "@inquirer/[^/]+"], [OUTPUT]),
    home("commander-in-commands", ["commander"], [COMMANDS]),
    home("one-policy-parser", ["js-yaml"], [CORE]),
    home("yaml-only-edits", ["yaml"], [OPERATIONS, WIRING]),
    home("hpagent-in-system", ["hpagent"], ["^src/system/"]),
    home("aws-in-stores", ["aws4", "@aws-sdk/[^/]+", "@smithy/[^/]+"], ["^src/stores/"]),
    home("jose-in-signers", ["jose"], ["^src/signers/"]),
    home("forge-clients-in-forges", ["@octokit/[^/]+", "@gitbeaker/[^/]+"], [FORGES]),
    home("mail-in-sinks", ["nodemailer"], ["^src/sinks/"]),
    home("valibot-in-forges-and-output", ["valibot", "@valibot/[^/]+"], [FORGES, OUTPUT]),
    refuse("no-circular", "a cycle has no layers", { path: "^src/" }, { circular: true }),
    refuse("not-to-unresolvable", "a typo", { path: "^src/" }, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    moduleSystems: ["es6", "cjs"],
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      mainFields: ["module", "main", "types", "typings"],
    },
  },
};
