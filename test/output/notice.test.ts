/**
 * What people are told, as each place shows it: the same facts, whatever happened, within the limits
 * of the receivers, and with foreign text as text.
 */
import { CloudEvent, HTTP } from "cloudevents";
import { describe, expect, it } from "vitest";

import type { Message } from "../../src/core/notice.ts";
import { slackBody, teamsBody } from "../../src/output/notice-chat.ts";
import { cloudEvents, execInput } from "../../src/output/notice-json.ts";
import { mailOf } from "../../src/output/notice-mail.ts";
import { footerOf, sectionsOf } from "../../src/output/notice-words.ts";
import { hostileTexts } from "../support/hostile.ts";
import { largestMessage, messageOf, messageWith } from "../support/message.ts";
import { day, hour, t0, World } from "../support/world.ts";

const deploy = {
  target: { type: "stage", name: "deploy-prod" },
  scope: { branches: ["main"], environment: "production" },
  action: "force",
};

const gate = { ...deploy, target: { type: "stage", name: "prod-gate" } };

const titlesOf = (world: World): readonly string[] =>
  sectionsOf(messageOf(world)).sections.map(({ title }) => title);

describe("what is told", () => {
  it("says what happened in one line", () => {
    const world = new World();
    const asked = world.created("alice", { ...deploy, pending_until: t0 + hour });
    world.approved("bob", asked);
    const emergency = world.created("alice", { ...deploy, emergency: true, duration: 600 });
    world.append("bob", {
      kind: "override.reviewed",
      override: emergency.id,
      outcome: "ok",
      note: "was right",
    });
    const skip = world.created("alice");
    world.created("alice", { supersedes: skip.id });
    world.revoked("alice", skip);
    const where = "on main and pull requests into it";

    expect(titlesOf(world)).toEqual([
      `alice asks to force deploy-prod ${where} in environment production`,
      `bob approves #2: deploy-prod is forced to run ${where} in environment production`,
      `Emergency: deploy-prod is forced to run ${where} in environment production`,
      `bob reviewed #4: ok (deploy-prod is forced to run ${where} in environment production)`,
      `lint is skipped ${where}`,
      `Extended: lint is skipped ${where}`,
      `alice revokes #6: it no longer skips lint ${where}`,
    ]);
  });

  it("says what waits for whom, and by which command", () => {
    const world = new World();
    world.created("alice", { ...deploy, pending_until: t0 + hour });
    const [section] = sectionsOf(messageOf(world)).sections;

    expect(section?.facts).toMatchObject([
      { label: "For", value: "1h, not in force yet" },
      { label: "Waits", value: expect.stringContaining("needs") as unknown },
      { label: "By", value: "alice" },
      { label: "Why", value: "linter image answers 500" },
      { label: "Ticket", value: "INC-4312" },
      { label: "Approve", value: "optout approve 2   (bob, carol, dora may)" },
      { label: "End it", value: "optout revoke 2" },
      { label: "Record", value: expect.stringMatching(/^#2 \(ovr_/) as unknown },
    ]);
  });

  it("names those whom an emergency did not ask", () => {
    const world = new World();
    world.created("alice", { ...gate, action: "skip", emergency: true, duration: 600 });
    const [section] = sectionsOf(messageOf(world)).sections;

    expect(section?.facts).toContainEqual({
      label: "Not asked",
      value: "bob, carol, dora, who may approve",
    });
  });

  it("says by when somebody else reviews an emergency, and no more once it is done", () => {
    const world = new World();
    const emergency = { ...gate, action: "skip", emergency: true, duration: 600 };
    const one = world.created("alice", emergency);
    const reviewOf = (): unknown =>
      sectionsOf(messageOf(world)).sections[0]?.facts.find(({ label }) => label === "Review");

    expect(reviewOf()).toEqual({
      label: "Review",
      value: 'due by 2030-01-02 00:00 UTC: optout review 2 --outcome ok -m "…"',
    });
    const review = { kind: "override.reviewed", override: one.id, outcome: "ok", note: "fine" };
    world.append("bob", review);
    expect(reviewOf()).toBeUndefined();
  });

  it("names the reviews that are overdue in every message, a few of them by number", () => {
    const world = new World();
    const emergency = { ...gate, action: "skip", emergency: true, duration: 600 };
    const overdue = (): unknown =>
      footerOf(messageOf(world)).find(({ label }) => label === "Reviews overdue")?.value;
    world.created("alice", emergency);
    world.clock = day - 1;
    expect(overdue()).toBeUndefined();

    world.clock = day;
    expect(overdue()).toBe("#2   (optout requests --reviews)");

    for (let count = 1; count < 14; count += 1) world.created("alice", emergency, { at: count });
    world.clock = 2 * day;
    expect(overdue()).toBe(
      "#2, #3, #4, #5, #6, #7, #8, #9, #10, #11, #12, #13 and 2 more   (optout requests --reviews)",
    );
  });

  it("holds no secret that stands in a reason", () => {
    const message = messageWith("push with https://bob:hunter2-canary@example.com fails");
    const all = [slackBody(message), teamsBody(message), mailOf(message).text, execInput(message)];

    for (const text of [...all, ...cloudEvents(message).map(({ body }) => body)]) {
      expect(text).toContain("***@example.com");
      expect(text).not.toContain("hunter2-canary");
    }
  });
});

/** Every string in a value of JSON. */
function strings(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values<unknown>({ ...value }).flatMap(strings);
}

const textsOf = (body: string): readonly string[] => strings(JSON.parse(body));

/** Reasons that may stand in a log; the others nobody can ever sign. */
const reasons = hostileTexts
  .map(({ what, text }) => ({ what, message: messageWith(text) }))
  .filter(({ message }) => message.notices.length === 1);

describe("foreign text", () => {
  it("is tried with most of the hostile corpus", () => {
    expect(reasons.length).toBeGreaterThan(25);
  });

  const refused: readonly (readonly [string, (message: Message) => readonly string[], RegExp])[] = [
    ["Slack", (message) => textsOf(slackBody(message)), /<[!@#h]|[<>]/],
    ["Teams", (message) => textsOf(teamsBody(message)), /<at>|\{\{/],
    ["a mail's subject", (message) => [mailOf(message).subject], /[^\P{Cc}]/u],
  ];

  it.each(refused)("is text and nothing else in %s", (_, shown, pattern) => {
    const passed = reasons.filter(({ message }) => shown(message).some((one) => pattern.test(one)));

    expect(passed.map(({ what }) => what)).toEqual([]);
  });

  it("makes no line of its own in a mail", () => {
    const rows = /^(?:[A-Z][A-Za-z ]+: +.*|.* is skipped on .*)?$/;
    const passed = reasons.filter(({ message }) =>
      mailOf(message)
        .text.split("\n")
        .some((line) => !rows.test(line)),
    );

    expect(passed.map(({ what }) => what)).toEqual([]);
  });
});

describe("the limits of receivers", () => {
  interface Block {
    readonly type: string;
    readonly text?: { readonly text: string };
  }
  const blocksOf = (message: Message): readonly Block[] =>
    (JSON.parse(slackBody(message)) as { readonly blocks: readonly Block[] }).blocks;

  it.each([
    ["the largest", largestMessage()],
    ["a small", messageWith("lint image answers 500")],
  ])("of Slack hold for %s message: 50 blocks, 3,000 and 150 characters", (_, message) => {
    const blocks = blocksOf(message);

    expect(blocks.length).toBeLessThanOrEqual(50);
    for (const { type, text } of blocks) {
      expect(text?.text.length ?? 0).toBeLessThanOrEqual(type === "header" ? 150 : 3000);
    }
  });

  it("of Teams hold for the largest message: 28 KB", () => {
    expect(Buffer.byteLength(teamsBody(largestMessage()))).toBeLessThanOrEqual(28 * 1024);
  });

  it("leave out what is too much, and say so", () => {
    expect(slackBody(largestMessage())).toContain("… and 4 more: optout status");
  });

  it("never cut an entity of Slack in two", () => {
    for (const { text } of blocksOf(largestMessage())) {
      expect(text?.text ?? "").not.toMatch(/&(?!amp;|lt;|gt;)/);
    }
  });

  it("let what is short through whole", () => {
    expect(slackBody(messageWith("lint image answers 500"))).toContain("lint image answers 500");
  });
});

describe("an event", () => {
  it("is a CloudEvent by the reference library's judgement", () => {
    const message = messageWith("lint image answers 500");
    const [event] = cloudEvents(message);
    const headers = { "content-type": "application/cloudevents+json; charset=utf-8" };

    const read = HTTP.toEvent({ headers, body: event?.body ?? "" });

    expect(read).toBeInstanceOf(CloudEvent);
    if (!(read instanceof CloudEvent)) return;
    expect(read.validate()).toBe(true);
    expect(read).toMatchObject({
      id: message.notices[0]?.id,
      source: "//github.com/acme/shop",
      type: "optout.override.created",
      subject: "lint",
      data: { kind: "optout/notice", override: { action: "skip", by: "alice", state: "in-force" } },
    });
  });
});
