/**
 * What every command says on a terminal of 40, 80 and 200 columns, with long and hostile texts in
 * policy and log: no line is wider than the terminal, but for what must be copied whole. Left out are
 * the commands of jobs, whose terminal is a log, and `keys show`, all of which is there to be copied.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { displayWidth } from "../../src/output/display-width.ts";
import { hasScript } from "../support/programs.ts";
import { makeCrew, type Crew, type CrewKeys } from "../support/crew.ts";
import {
  BIN,
  lines,
  must,
  optout,
  parsed,
  push,
  run,
  writeFiles,
  type Place,
} from "../support/stage.ts";

const wide = "検証用の画像が壊れていて、誰も今夜は直せません。";
const long = `${wide.repeat(3)} 🔥👩‍💻 Z${"\u0301".repeat(20)}algo ${"x".repeat(90)} and some words that go on for a while`;

let crew: Crew;

const policy = ({ alice, bob, carol, dora, ci }: CrewKeys): string =>
  lines(
    "version: 1",
    "log: { store: git, branch: optout-log }",
    "principals:",
    `  alice: { name: ${wide}, roles: [oncall], keys: ["${alice}"] }`,
    `  bob: { roles: [release-manager], keys: ["${bob}"] }`,
    `  carol: { roles: [release-manager], keys: ["${carol}"] }`,
    `  dora: { roles: [developer], keys: ["${dora}"] }`,
    `  ci: { kind: ci, keys: ["${ci}"] }`,
    "stages:",
    "  deploy-prod: { kind: deploy, environment: production }",
    "  lint: { kind: quality }",
    "  integration-tests/of-the-whole-shop-with-every-browser-there-is: { kind: quality }",
    "rules:",
    "  - id: deploys-to-production-and-whatever-else-is-dangerous",
    "    match: { kind: deploy }",
    "    actions: [force, hold]",
    "    who: [oncall]",
    "    longest: 1h",
    "    approvals: { count: 1, from: [release-manager], pending: 1h }",
    "    emergency: { who: [oncall], longest: 30m, review_within: 1h }",
    "  - id: quality",
    "    match: { kind: quality }",
    "    actions: [skip, allow-failure]",
    "    who: [oncall]",
    "    longest: 6h",
    "notify:",
    "  - { to: slack, name: everybody-who-is-on-call-tonight, url_env: OPTOUT_SLACK_WEBHOOK }",
  );

const workflow = `on: push
jobs:
  lint:
    steps:
      - uses: acme/a-rather-long-name-of-an-action/with-a-path@v1
      - run: optout run lint -- make
      - run: optout check deploy-prod || ./deploy
`;

/** Command lines, with the numbers of overrides that are there. */
let asked: readonly string[] = [];

beforeAll(async () => {
  if (!hasScript) return;
  crew = await makeCrew(policy);
  const { alice } = crew;
  writeFiles(alice, {
    ".github/workflows/ci.yml": workflow,
    ".optout/policy.test.yaml":
      "version: 1\ncases:\n  - { who: alice, action: skip, stage: lint, expect: refused }\n",
  });
  await push(alice, "Ask about lint");
  const make = async (...words: readonly string[]): Promise<string> =>
    String(parsed((await optout(alice, [...words, "--json"])).stdout)["seq"]);
  const why = ["-m", long] as const;
  const skipped = await make("skip", "lint", ...why);
  const waits = await make("force", "deploy-prod", ...why);
  const urgent = await make("force", "deploy-prod", ...why, "--emergency");
  await must(alice, ["note", skipped, "-m", long]);
  const quoted = `-m '${long}'`;
  asked = [
    "",
    "status",
    "history",
    "requests",
    "requests --reviews",
    `show ${skipped}`,
    `show ${waits}`,
    "verify",
    "stages",
    "doctor",
    "whoami",
    "whoami --ready",
    "keys list",
    "policy check",
    "policy explain deploy-prod",
    "policy can-i skip lint --for 9h",
    "policy test",
    "policy diff HEAD~1",
    "policy who deploy-prod",
    "notify list",
    "notify test",
    "notify flush",
    `skip lint ${quoted} --branch gone --dry-run`,
    `skip lint ${quoted} --branch gone`,
    `skip nope ${quoted}`,
    `skip lint ${quoted} --for 99h`,
    "skip lint",
    "frobnicate --much",
    `allow-failure lint ${quoted}`,
    `hold deploy-prod ${quoted}`,
    `force deploy-prod ${quoted} --for 1d`,
    `extend ${skipped} ${quoted} --for 1h`,
    `note ${skipped} ${quoted}`,
    `approve ${waits} --yes`,
    `deny ${waits} ${quoted}`,
    `review ${urgent} --outcome ok ${quoted}`,
    "undo --yes",
    `revoke ${skipped} --yes`,
    "init --yes",
    "logout --host example.invalid",
    "rerun lint",
    "keys import nobody",
    "version",
    "help",
    "help skip",
    "help exit-codes",
    "skip --what-is-this",
    "completion fsh",
    "schema overide",
  ];
});

afterAll(() => crew?.stage.remove());

// eslint-disable-next-line no-control-regex -- the colours of src/output/style.ts, on and off
const ownColors = /\u001B\[(?:1|2|22|31|32|33|36|39)m/g;
const mark = "@@";

/** The lines of each command on a terminal of so many columns. */
async function onTerminal(place: Place, columns: number): Promise<ReadonlyMap<string, string[]>> {
  const script = asked.map(
    (line, i) => `echo '${mark}${i}'; '${process.execPath}' '${BIN}' ${line} < /dev/null`,
  );
  writeFiles(place, { "../looks.sh": lines(`stty cols ${columns} rows 24`, ...script, "true") });
  const env = { TERM: "xterm-256color", SHELL: "/bin/sh" };
  const { stdout } = await run(place, "script", ["-qec", "sh ../looks.sh", "/dev/null"], { env });
  const found = new Map<string, string[]>();
  for (const part of stdout.split(mark).slice(1)) {
    const [index = "", ...rest] = part.split("\r\n");
    found.set(
      asked[Number(index)] ?? "",
      rest.map((line) => line.replace(ownColors, "")),
    );
  }
  return found;
}

/** A command to copy, a link, a key or a hash stays whole: the terminal wraps it, and copies it whole. */
const isToCopy = (line: string): boolean =>
  /^\s*(?:[$#] |[a-z][a-z ]*: +)?(?:optout|git|gh|glab|ssh-add|npm|npx|export|curl) |https?:\/\/|ssh-ed25519|ecdsa-sha2|[\w-]{43}|[0-9a-f]{40}/.test(
    line,
  );

describe.skipIf(!hasScript)("a terminal", () => {
  it.each([40, 80, 200])("of %i columns shows no line that is wider", async (columns) => {
    const shown = await onTerminal(crew.alice, columns);
    const wider = [...shown].flatMap(([command, all]) =>
      all
        .filter((line) => displayWidth(line) > columns && !isToCopy(line))
        .map((line) => `${command.slice(0, 40)}: ${line}`),
    );

    expect(shown.size).toBe(asked.length);
    expect(wider).toEqual([]);
  });
});
