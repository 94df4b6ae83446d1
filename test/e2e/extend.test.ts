/** Extending: the same override for longer, by a new statement that names the old one. */
import { afterAll, beforeAll, expect, it } from "vitest";

import { BIN, makeTeam, must, optout, parsed, run, type Team } from "../support/stage.ts";

let team: Team;

beforeAll(async () => {
  team = await makeTeam();
});

afterAll(() => team.stage.remove());

const more = ["--for", "1h", "-m", "image is still broken"] as const;

interface Override {
  readonly seq: number;
  readonly id: string;
  readonly expiresAt: string;
}

it("begins where the old one ends, with its scope, code and tickets", async () => {
  const { laptop } = team.stage;
  const skip = ["skip", "lint", "-m", "lint image answers 500", "--code", "broken-gate"];
  const old = parsed(
    await must(laptop, [...skip, "--ticket", "INC-1", "--for", "1h", "--json"]),
  ) as unknown as Override;

  const added = parsed(await must(laptop, ["extend", `${old.seq}`, ...more, "--json"]));

  expect(added).toMatchObject({
    state: "scheduled",
    action: "skip",
    scope: { branches: ["main"] },
    reason: { code: "broken-gate", text: "image is still broken" },
    tickets: ["INC-1"],
    notBefore: old.expiresAt,
  });
  const raw = await must(laptop, ["show", `${String(added["seq"])}`, "--raw"]);
  const [, payload = ""] = raw.split(".");
  expect(parsed(Buffer.from(payload, "base64url").toString())).toMatchObject({
    supersedes: old.id,
  });
  expect((await optout(team.job, ["check", "lint", "--branch", "main", "-q"])).status).toBe(0);
});

it("is judged as a fresh one: over the rule's longest, and by whom the rule does not name, refused", async () => {
  expect(
    (await optout(team.stage.laptop, ["extend", "2", "--for", "13h", "-m", "image is broken"]))
      .status,
  ).toBe(3);
  expect((await optout(team.bob, ["extend", "2", ...more])).status).toBe(3);
});

it("is refused with the extension that would work, and that works", async () => {
  const { laptop } = team.stage;
  const long = ["extend", "2", "--for", "13h", "-m", "it's broken still"];
  const { status, stderr } = await optout(laptop, long);
  const [, command = ""] = /would work: {2}optout (.*)\n/.exec(stderr) ?? [];

  expect(status).toBe(3);
  expect(command).toMatch(
    /^extend ovr_\w{16} -m 'it'\\''s broken still' --code broken-gate --ticket INC-1 --for 12h$/,
  );
  const line = `exec '${process.execPath}' '${BIN}' ${command} --dry-run --json`;
  const { stdout } = await run(laptop, "sh", ["-c", line]);
  expect(parsed(stdout)).toMatchObject({ statements: [{ duration: 43_200 }] });
});

it("has nothing to go on from once the override is over", async () => {
  await must(team.stage.laptop, ["revoke", "2"]);
  const { status, stderr } = await optout(team.stage.laptop, ["extend", "2", ...more]);

  expect(status).toBe(3);
  expect(stderr).toContain("#2 is revoked, so there is nothing to extend");
});

it("goes on from the last extension, by whatever number or name it is asked for", async () => {
  const { laptop } = team.stage;
  const made = async (
    ...args: readonly string[]
  ): Promise<Override & { readonly notBefore: string }> =>
    parsed(await must(laptop, [...args, "--json"])) as unknown as Override & {
      readonly notBefore: string;
    };
  const old = await made(
    "skip",
    "lint",
    "--branch",
    "release/9",
    "-m",
    "image broken",
    "--for",
    "1h",
  );
  const first = await made("extend", `${old.seq}`, ...more);
  const second = await made("extend", `${old.seq}`, ...more);
  const third = await made("extend", old.id, ...more);
  await must(laptop, ["revoke", `${third.seq}`]);
  const fourth = await made("extend", `${first.seq}`, ...more);

  expect(second.notBefore).toBe(first.expiresAt);
  expect(third.notBefore).toBe(second.expiresAt);
  expect(fourth.notBefore).toBe(second.expiresAt);
  await must(laptop, ["revoke", ...[old, first, second, fourth].map(({ seq }) => `${seq}`)]);
});

it("stands when what it extends is revoked, and revoke says so", async () => {
  const { stdout } = await optout(team.stage.laptop, ["revoke", "2"]);

  expect(stdout).toContain("#2 was over already: it is revoked; nothing was recorded\n");
  expect(stdout).toContain("  ! #3 extends it and is scheduled: optout revoke 3\n");
  expect(await must(team.stage.laptop, ["revoke", "3"])).not.toContain("extends it");
});
