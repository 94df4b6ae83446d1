import { describe, expect, it } from "vitest";

import type { OverrideUsed, Statement } from "../../src/core/statement.ts";
import { titleOf } from "../../src/output/title.ts";
import { created, issuedAt } from "../support/judged.ts";

const { log, policy, policy_at, saw, id: override } = created();
const common = {
  v: 1,
  id: "stm_0000000000000000",
  by: "alice",
  iat: issuedAt,
  log,
  policy,
  policy_at,
  saw,
} as const;

const used: OverrideUsed = {
  ...common,
  kind: "override.used",
  by: "ci",
  override,
  digest: log,
  decision: "skip",
  context: {
    stage: "lint",
    ref: "refs/heads/main",
    sha: policy_at,
    run: "812",
    attempt: 1,
    job: "lint",
    forge: "github",
  },
};

const titles: readonly (readonly [Statement, string])[] = [
  [
    {
      v: 1,
      kind: "log.created",
      id: common.id,
      by: "alice",
      iat: issuedAt,
      repository: { host: "local", id: "x", name: "shop" },
    },
    "log created (alice)",
  ],
  [{ ...common, kind: "policy.recorded", text: "version: 1" }, "policy recorded (alice)"],
  [created(), "skip lint on main until 2026-11-21T17:00Z (alice)"],
  [created({ until: issuedAt + 3600 }), "skip lint on main until 2026-11-21T16:00Z (alice)"],
  [
    created({ action: "force", pending_until: issuedAt + 60, scope: { branches: "*" } }),
    "force lint on all branches and tags for 2h once approved (alice)",
  ],
  [
    created({ emergency: true, scope: { heads: ["fix/x"], environment: "prod" } }),
    "emergency: skip lint on fix/x (environment prod) until 2026-11-21T17:00Z (alice)",
  ],
  [{ ...common, kind: "override.approved", override, digest: log }, "approve #412 (alice)"],
  [{ ...common, kind: "override.denied", override, digest: log, note: "no" }, "deny #412 (alice)"],
  [{ ...common, kind: "override.revoked", override }, "revoke #412 (alice)"],
  [used, "use of #412 by run 812 (ci)"],
  [{ ...used, result: 1 }, "use of #412 by run 812: exit 1 (ci)"],
  [
    { ...common, kind: "override.reviewed", override, outcome: "follow-up", note: "why" },
    "review of #412: follow-up (alice)",
  ],
  [
    {
      ...common,
      kind: "notice.sent",
      about: override,
      channel: "slack",
      target_hash: log,
      status: "delivered",
    },
    "notice of #412 to slack delivered (alice)",
  ],
  [{ ...common, kind: "key.revoked", kid: log }, `revoke key ${log} (alice)`],
];

describe("the title of a statement", () => {
  it.each(titles)("says what it does, to what and by whom: $kind", (statement, title) => {
    expect(titleOf(statement, (id) => (id === override ? 412 : null))).toBe(title);
  });

  it("names the id where the number is not known", () => {
    expect(titleOf(used)).toBe(`use of ${override} by run 812 (ci)`);
  });

  it("is safe as the subject of a commit, whatever names it holds", () => {
    const scope = { branches: ["main"], environment: "[skip ci]\u202E @everyone" };

    expect(titleOf(created({ scope }))).toBe(
      String.raw`skip lint on main (environment (skip ci)\u{202e} (at)everyone) until 2026-11-21T17:00Z (alice)`,
    );
  });
});
