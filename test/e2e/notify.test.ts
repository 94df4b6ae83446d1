/**
 * People are told: by the built program, over receivers that behave as chats and servers do on bad
 * days, with a canary in every secret.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { canary, startReceiver, status, type Receiver } from "../support/receiver.ts";
import { schemaFaults } from "../support/schema-faults.ts";
import {
  editPolicy,
  git,
  lines,
  makeTeam,
  must,
  optout,
  parsed,
  push,
  teamPolicy,
  writeFiles,
  type Keys,
  type More,
  type Place,
  type Result,
  type Team,
} from "../support/stage.ts";

let team: Team;
let laptop: Place;
let chat: Receiver;
let hook: Receiver;

/** The team's policy with channels; a rule that must be announced stands first. */
const withChannels = (keys: Keys): string =>
  teamPolicy(keys).replace(
    "rules:\n",
    lines(
      "rules:",
      "  - id: announced",
      "    match: { stages: [license] }",
      "    actions: [force]",
      "    who: [oncall]",
      "    longest: 1h",
      "    announce: required",
      "  - id: emergencies",
      "    match: { stages: [deploy-prod] }",
      "    actions: [force]",
      "    who: [oncall]",
      "    longest: 1h",
      "    approvals: { count: 1, from: [release-manager] }",
      "    emergency: { who: [oncall], longest: 30m, review_within: 24h }",
    ),
  ) +
  lines(
    "notify:",
    `  - { to: slack, name: shop-oncall, url_env: CHAT, hosts: ["${chat.host}"] }`,
    `  - { to: webhook, url_env: HOOK, hosts: ["${hook.host}"], secret_env: HOOK_KEY, match: { stages: [lint] } }`,
    `  - { to: teams, name: leads, url_env: LEADS, hosts: ["${chat.host}"], events: [emergency] }`,
  );

/** Everything that any command printed, to look for the canary in. */
const printed: string[] = [];
const hookKey = `whsec_${Buffer.from(`${canary}-${canary}`).toString("base64")}`;

beforeAll(async () => {
  [chat, hook] = await Promise.all([startReceiver(), startReceiver()]);
  team = await makeTeam({ policy: withChannels });
  ({ laptop } = team.stage);
});

afterAll(async () => {
  await Promise.all([chat.close(), hook.close()]);
  team.stage.remove();
});

beforeEach(() => {
  chat.behave(status(200));
  hook.behave(status(200));
});

const secrets = (): Record<string, string> => ({
  CHAT: chat.address,
  HOOK: hook.address,
  HOOK_KEY: hookKey,
});

async function ran(place: Place, args: readonly string[], more: More = {}): Promise<Result> {
  const result = await optout(place, [...args, "--debug"], more);
  printed.push(result.stdout, result.stderr);
  return result;
}

const skip = (stage: string, ...more: readonly string[]): readonly string[] => [
  "skip",
  stage,
  "-m",
  "lint image answers 500",
  ...more,
];

/** The delivery records of the log, as the branch's history shows them, newest first. */
async function records(): Promise<readonly string[]> {
  const log = await git(laptop, ["log", "--format=%s", "optout-log"], { cwd: team.stage.remote });
  return log.split("\n").filter((line) => line.includes("notice of"));
}

const endOfTime = (text: string): string =>
  text.replace(/ovr_\w+|stm_\w+/g, "<id>").replace(/#\d+/g, "#n");

describe("a skip", () => {
  it("tells whoever the policy names, and records that", async () => {
    const [before, beforeHook] = [chat.received.length, hook.received.length];

    const { status: exit, stderr } = await ran(laptop, skip("lint"), { env: secrets() });

    expect(exit).toBe(0);
    expect(stderr).toContain("✓ told      shop-oncall (Slack), webhook\n");
    expect(chat.received.length - before).toBe(1);
    expect(hook.received.length - beforeHook).toBe(1);
    expect((await records()).slice(0, 2).map(endOfTime)).toEqual([
      "#n notice of <id> to webhook delivered (alice)",
      "#n notice of <id> to shop-oncall delivered (alice)",
    ]);
  });

  it("says what is off, where, until when, who, why, how to end it, its number and the head", async () => {
    await ran(laptop, skip("unit-tests", "--for", "2h"), { env: secrets() });

    const body = chat.received.at(-1)?.body ?? "";
    expect(body).toContain("unit-tests is skipped on main and pull requests into it");
    expect(body).toMatch(/Until: \d{4}-\d\d-\d\d \d\d:\d\d UTC \(for 2h\)/);
    expect(body).toContain("By: alice (Alice Ng)");
    expect(body).toContain("Why: lint image answers 500");
    expect(body).toMatch(/End it: optout revoke \d+/);
    expect(body).toMatch(/Record: #\d+ \(ovr_\w{16}\)/);
    expect(body).toMatch(/Log head: \d+:[\w-]{43}/);
  });

  it("tells of several stages in one message", async () => {
    const before = chat.received.length;

    await ran(laptop, [...skip("lint"), "unit-tests"], { env: secrets() });

    expect(chat.received.length - before).toBe(1);
    expect(chat.received.at(-1)?.body).toMatch(/lint is skipped.*unit-tests is skipped/);
  });

  it("stands though nobody can be told, and says who could not be", async () => {
    chat.behave(status(404));

    const { status: exit, stderr, stdout } = await ran(laptop, skip("lint"), { env: secrets() });

    expect(exit).toBe(0);
    expect(stdout).toContain("! lint is skipped");
    expect(stderr).toContain(
      `✗ not told  shop-oncall (Slack): ${chat.host} answered 404; it is tried again\n`,
    );
    const [id = ""] = /ovr_\w{16}/.exec(stdout) ?? [];
    expect((await records()).filter((line) => line.includes(id)).map(endOfTime)).toEqual([
      "#n notice of <id> to webhook delivered (alice)",
      "#n notice of <id> to shop-oncall not delivered (alice)",
    ]);
  });

  it("is told in JSON too", async () => {
    const { stdout } = await ran(laptop, [...skip("lint"), "--json"], {
      env: { ...secrets(), HOOK: undefined },
    });

    expect(parsed(stdout)["told"]).toEqual([
      { channel: "shop-oncall", to: "slack", status: "delivered", detail: null },
      { channel: "webhook", to: "webhook", status: "waiting", detail: "HOOK" },
    ]);
  });

  it("tells nobody when it is only tried out, and says who would be told", async () => {
    const before = [chat.received.length, hook.received.length];

    const { stdout } = await ran(laptop, skip("lint", "--dry-run"), { env: secrets() });

    expect(stdout).toContain("would tell: shop-oncall (Slack), webhook");
    expect([chat.received.length, hook.received.length]).toEqual(before);
  });

  it("does not wait as long as one that must be announced", async () => {
    chat.behave(status(429, { "retry-after": "10" }), status(200));

    const { stderr } = await ran(laptop, skip("unit-tests"), { env: secrets() });

    expect(stderr).toContain(`${chat.host} answered 429 and asks to wait 10 s; it is tried again`);
  });

  it("is not slowed down by a channel that never answers for longer than a few seconds", async () => {
    chat.behave(() => undefined);

    const { status: exit, stderr } = await ran(laptop, skip("lint"), { env: secrets() });

    expect(exit).toBe(0);
    expect(stderr).toContain(`the time given ran out while telling ${chat.host}`);
  });

  it("is refused by an address that leads elsewhere than the policy says", async () => {
    const { status: exit, stderr } = await ran(laptop, skip("lint"), {
      env: { ...secrets(), CHAT: `https://evil.example/${canary}` },
    });

    expect(exit).toBe(0);
    expect(stderr).toContain("CHAT: the policy does not let the channel send to evil.example\n");
  });
});

describe("a revocation", () => {
  // what was left above must not be among what the next commands send
  beforeAll(() => ran(laptop, ["notify", "flush"], { env: secrets() }));

  it("is told as well", async () => {
    const { stdout } = await ran(laptop, skip("lint", "-q"), { env: secrets() });

    const { stderr } = await ran(laptop, ["revoke", stdout.trim(), "-m", "image is repaired"], {
      env: secrets(),
    });

    expect(stderr).toContain("✓ told      shop-oncall (Slack), webhook\n");
    const body = chat.received.at(-1)?.body ?? "";
    expect(body).toMatch(/alice revokes #\d+: it no longer skips lint/);
    expect(body).toContain("Note: image is repaired");
  });
});

describe("what waits for others, or passed them over", () => {
  const force = ["force", "deploy-prod", "-m", "hotfix for the checkout"];

  it("is told as a request, and its approval as well", async () => {
    const asked = await ran(laptop, [...force, "-q"], { env: secrets() });
    const request = chat.received.at(-1)?.body ?? "";
    const approved = await ran(team.bob, ["approve", asked.stdout.trim(), "--yes"], {
      env: secrets(),
    });

    expect(request).toMatch(/alice asks to force deploy-prod .*optout approve \d+ +\(bob may\)/);
    expect(approved.stderr).toContain("✓ told      shop-oncall (Slack)\n");
    expect(chat.received.at(-1)?.body).toMatch(/bob approves #\d+: deploy-prod is forced to run/);
    await ran(laptop, ["revoke", asked.stdout.trim()]);
  });

  it("is told as an emergency that did not ask, and its review as well", async () => {
    const args = [...force, "--for", "30m", "--emergency", "-q"];
    const forced = await ran(laptop, args, { env: secrets() });
    const emergency = chat.received.at(-1)?.body ?? "";
    const said = ["--outcome", "ok", "-m", "the hotfix was right"];
    await ran(team.bob, ["review", forced.stdout.trim(), ...said], { env: secrets() });

    expect(emergency).toMatch(/Emergency: deploy-prod is forced to run .*Not asked: bob, who may/);
    expect(chat.received.at(-1)?.body).toMatch(/bob reviewed #\d+: ok/);
  });
});

describe("an override that must be announced", () => {
  const force = ["force", "license", "-m", "a licence was renewed today"];

  it("is in force once one channel has acknowledged", async () => {
    const { status: exit, stdout } = await ran(laptop, force, { env: secrets() });

    expect(exit).toBe(0);
    expect(stdout).toContain("! license is forced to run");
    const check = ["check", "license", "--action", "force", "--branch", "main"];
    expect((await ran(laptop, check)).status).toBe(0);
  });

  it("waits while nobody could be told", async () => {
    const { status: exit, stdout } = await ran(laptop, [...force, "--head", "other"], { env: {} });

    expect(exit).toBe(8);
    expect(stdout).toContain("waits for its announcement to be delivered");
    expect(stdout).toContain("\n  CI tells it; not here: CHAT\n");
    expect(stdout).not.toContain("approve");
  });

  it("waits for no approval, and says for what instead", async () => {
    chat.behave(status(500));
    const { stdout } = await ran(laptop, [...force, "--head", "third"], {
      env: secrets(),
    });
    const [, seq = ""] = /undo: optout revoke (\d+)/.exec(stdout) ?? [];
    const standing = (await ran(laptop, ["status"])).stdout;
    const approve = await ran(team.bob, ["approve", seq]);
    const by = "by CI, or by alice with optout notify flush";

    expect(stdout).toContain("\n  to tell them: optout notify flush\n");
    expect(standing).toMatch(
      new RegExp(`#${seq}  license is forced to run on .* for 1h, until .*, once announced\n`),
    );
    expect(standing).toContain(`    waits for its announcement to be delivered, ${by}\n`);
    expect(standing).not.toContain("approved");
    expect(approve.stdout).toBe(
      `… #${seq} needs no approval: it waits for its announcement to be delivered, ${by}; nothing was recorded\n`,
    );
  });
});

describe("what nobody could be told", () => {
  it("is told by the next gate in CI that holds the secret, once", async () => {
    const { stdout } = await ran(laptop, skip("lint", "--json"));
    const { id } = parsed(stdout);
    expect(typeof id).toBe("string");
    const gate = (env: Record<string, string> = {}): Promise<Result> =>
      ran(team.job, ["gate", "lint", "--branch", "main"], { env: { ...secrets(), ...env } });
    const told = (): number => hook.received.filter(({ body }) => body.includes(String(id))).length;

    const first = await gate();
    expect([first.status, told()]).toEqual([0, 0]);

    // its author's own command is left a minute for it
    const clock = join(team.stage.folder, "later.cjs");
    writeFileSync(clock, "const now = Date.now; Date.now = () => now() + 90_000;\n");
    const ahead = { NODE_OPTIONS: `--require=${clock}` };
    const later = await Promise.all([gate(ahead), gate(ahead), gate(ahead)]);
    expect(later.map((one) => one.status)).toEqual([0, 0, 0]);
    expect(told()).toBe(1);
  });

  it("is told by CI where this machine cannot, as status and doctor say", async () => {
    await ran(laptop, skip("lint"));
    const [standing, doctor, other] = await Promise.all([
      ran(laptop, ["status"]),
      ran(laptop, ["doctor"]),
      ran(team.bob, ["status"], { env: secrets() }),
    ]);

    expect(standing.stdout).toMatch(/not delivered to shop-oncall: CI tells it; not here: CHAT\n/);
    expect(standing.stdout).toContain("not delivered to webhook: CI tells it; not here: HOOK");
    expect(doctor.stdout).toMatch(/not delivered to shop-oncall\n.*CI tells it; not here: CHAT/);
    expect(standing.stdout + doctor.stdout).not.toContain("shop-oncall: optout notify flush");
    expect(other.stdout).toContain("not delivered to shop-oncall: CI tells it, or who did it\n");
  });

  it("is told by notify flush of its author", async () => {
    await ran(laptop, skip("lint"));

    const here = { env: secrets() };
    const [{ stdout: standing }, { stdout: json }, { stdout: doctor }] = await Promise.all([
      ran(laptop, ["status"], here),
      ran(laptop, ["status", "--json"]),
      ran(laptop, ["doctor"], here),
    ]);
    const { status: exit, stderr } = await ran(laptop, ["notify", "flush"], { env: secrets() });

    expect(standing).toContain("not delivered to shop-oncall: optout notify flush");
    const untold = parsed(json)["undelivered"] as readonly { readonly channel: string }[];
    expect(untold.map(({ channel }) => channel)).toContain("shop-oncall");
    expect(doctor).toMatch(/not delivered to shop-oncall\n.*optout notify flush/);

    expect(exit).toBe(0);
    expect(stderr).toContain("✓ told      shop-oncall (Slack), webhook\n");
    expect(stderr).toContain(
      "… not told  leads (Teams): 1 notice, waiting for CI; not here: LEADS",
    );
    const everything = { ...secrets(), LEADS: chat.address };
    const again = await ran(laptop, ["notify", "flush"], { env: everything });
    expect(again.stderr).toContain("✓ told      leads (Teams)\n");
    const third = await ran(laptop, ["notify", "flush"], { env: everything });
    expect(third.stderr).toMatch(/^nothing is left to tell$/m);
    expect((await ran(laptop, ["status"])).stdout).not.toContain("delivered to shop-oncall");
  });
});

describe("notify flush", () => {
  const flush = (env: More["env"], ...more: readonly string[]): Promise<Result> =>
    ran(laptop, ["notify", "flush", ...more], { env: { ...secrets(), ...env } });
  const shown = async (env: More["env"]): Promise<readonly unknown[]> => {
    const { stdout, status: exit } = await flush(env, "--json");
    expect(schemaFaults("notify-flush", parsed(stdout))).toEqual([]);
    return [exit, parsed(stdout)["left"]];
  };
  const left = { channel: "shop-oncall", to: "slack", notices: 1 };

  beforeAll(() => ran(laptop, skip("unit-tests")));

  it("says what is left for a secret that is not here", async () => {
    const { status: exit, stderr } = await flush({ CHAT: undefined });

    expect(exit).toBe(0);
    expect(stderr).toContain("shop-oncall (Slack): 1 notice, waiting for CI; not here: CHAT\n");
    expect(await shown({ CHAT: undefined })).toEqual([
      0,
      [{ ...left, why: "elsewhere", detail: "CHAT" }],
    ]);
  });

  it("says what a channel did not take, and ends with 6", async () => {
    chat.behave(status(404));

    const { status: exit, stderr } = await flush({});

    expect(exit).toBe(6);
    const detail = `${chat.host} answered 404`;
    expect(stderr).toContain(`✗ not told  shop-oncall (Slack): 1 notice: ${detail}\n`);
    expect(await shown({})).toEqual([6, [{ ...left, why: "failed", detail }]]);
  });

  it("ends with 2 where no later try would help", async () => {
    const { status: exit, stderr } = await flush({ CHAT: "https://evil.example/" });

    expect(exit).toBe(2);
    expect(stderr).toContain("1 notice: CHAT: the policy does not let the channel send to evil");
  });

  it("says what is left for others to tell", async () => {
    const { status: exit, stderr } = await ran(team.bob, ["notify", "flush"], { env: secrets() });

    expect(exit).toBe(0);
    expect(stderr).toContain("shop-oncall (Slack): 1 notice of what others did");
    expect((await flush({})).stderr).toContain("✓ told      shop-oncall (Slack)\n");
  });
});

describe("a channel that is added to the policy", () => {
  it("is told of what is done from then on, and of nothing before", async () => {
    const audit = `  - { to: webhook, name: audit, url_env: AUDIT, hosts: ["${hook.host}"] }\n`;
    await editPolicy(laptop, (text) => text + audit);
    const untold = async (): Promise<number | undefined> => {
      const { stdout } = await ran(laptop, ["notify", "list", "--json"]);
      const { channels } = parsed(stdout) as {
        readonly channels: readonly {
          readonly channel: string;
          readonly undelivered: readonly unknown[];
        }[];
      };
      return channels.find((one) => one.channel === "audit")?.undelivered.length;
    };

    expect(await untold()).toBe(0);
    await ran(laptop, skip("lint"), { env: secrets() });
    expect(await untold()).toBe(1);
    const before = hook.received.length;
    const env = { ...secrets(), AUDIT: hook.address };
    await ran(laptop, ["notify", "flush"], { env });
    expect(hook.received.length - before).toBe(1);

    await editPolicy(laptop, (text) => text.replace(audit, ""));
  });
});

describe("notify list", () => {
  it("names the channels, and what is missing here", async () => {
    const { stdout } = await ran(laptop, ["notify", "list", "--json"], {
      env: { CHAT: chat.address },
    });

    expect(parsed(stdout)["channels"]).toMatchObject([
      { channel: "shop-oncall", to: "slack", here: "ready", missing: [] },
      { channel: "webhook", here: "elsewhere", missing: ["HOOK_KEY"] },
      { channel: "leads", here: "elsewhere", missing: ["LEADS"], events: ["emergency"] },
    ]);
  });
});

describe("notify test", () => {
  it("sends a test to the channel, and records nothing", async () => {
    const before = await records();

    const { status: exit } = await ran(laptop, ["notify", "test", "shop-oncall"], {
      env: secrets(),
    });

    expect(exit).toBe(0);
    expect(chat.received.at(-1)?.body).toContain("A test of optout: nothing was opted out of");
    expect(await records()).toEqual(before);
  });

  it.each([
    ["a secret is not here", ["leads"], 4],
    ["there is no such channel", ["pager"], 2],
  ])("ends with its own exit status when %s", async (_, names, exit) => {
    expect((await ran(laptop, ["notify", "test", ...names], { env: secrets() })).status).toBe(exit);
  });

  it.each([
    ["the address leads elsewhere", { CHAT: "https://evil.example/" }, "CHAT: the policy does not"],
    ["the address is none", { CHAT: "hooks" }, "CHAT: the channel's address is not a URL"],
    ["the key is none", { HOOK_KEY: "short" }, "HOOK_KEY holds no key of 24 to 64 bytes"],
  ])("ends with 2 when %s, whatever the other channels do", async (_, env, why) => {
    chat.behave(status(403));

    const test = await ran(laptop, ["notify", "test"], { env: { ...secrets(), ...env } });

    expect(test).toMatchObject({ status: 2 });
    expect(test.stderr).toContain(why);
    expect(test.stderr).toContain("… not told  leads (Teams): not here: LEADS\n");
  });

  it("ends with 6 when the channel cannot be reached, and is not tried again", async () => {
    chat.behave(status(403));

    const test = await ran(laptop, ["notify", "test", "shop-oncall"], { env: secrets() });

    expect(test).toMatchObject({ status: 6 });
    expect(test.stderr).toContain(`shop-oncall (Slack): ${chat.host} answered 403\n`);
  });
});

describe("a channel that is written wrongly", () => {
  it("is told by policy check, and stops no job", async () => {
    const file = ".optout/policy.yaml";
    const text = readFileSync(`${laptop.directory}/${file}`, "utf8");
    writeFiles(laptop, { [file]: text.replace("url_env: LEADS", "url_envv: LEADS") });
    const checked = await ran(laptop, ["policy", "check"]);
    await push(laptop, "A slip");

    expect(checked).toMatchObject({ status: 2 });
    expect(checked.stdout).toContain('unknown member "url_envv" in notify[2]');
    const tested = await ran(laptop, ["notify", "test", "shop-oncall"], { env: secrets() });
    expect(tested).toMatchObject({ status: 2 });
    const skipped = await ran(laptop, skip("unit-tests"), { env: secrets() });
    expect(skipped.status).toBe(0);
    expect(skipped.stderr).toContain("✗ not told");
    expect((await ran(laptop, ["check", "unit-tests", "--branch", "main"])).status).toBe(0);

    writeFiles(laptop, { [file]: text });
    await push(laptop, "Put right");
    await must(laptop, ["policy", "check"]);
  });
});

describe("a secret", () => {
  it("is in no output and nowhere in the log", async () => {
    const log = await git(laptop, ["log", "--format=%B", "optout-log"], { cwd: team.stage.remote });
    const statements = [...log.matchAll(/"statement":"[^.]+\.([^.]+)\./g)].map(([, payload = ""]) =>
      Buffer.from(payload, "base64url").toString("utf8"),
    );

    expect(printed.length).toBeGreaterThan(40);
    expect(statements.length).toBeGreaterThan(20);
    for (const text of [...printed, log, ...statements]) {
      expect(text).not.toContain(canary);
      expect(text).not.toContain(hookKey.slice(6));
    }
  });
});
