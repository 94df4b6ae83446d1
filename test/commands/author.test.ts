/** Who acts: which of the keys at hand signs, and what is said where none can. */
import { describe, expect, it } from "vitest";

import { authorOf } from "../../src/commands/author.ts";
import type { FoundKey, FoundKeys } from "../../src/commands/openers.ts";
import { OptoutError } from "../../src/core/errors.ts";
import { parseSshPublicKey } from "../../src/core/keys.ts";
import { testKey } from "../support/keys.ts";
import { World } from "../support/world.ts";

const log = { policy: new World().view().policy, policySource: "policy.yaml at origin/main" };

function key(who: string, kind: FoundKey["kind"] = "file"): FoundKey {
  const found = parseSshPublicKey(testKey(who).ssh);
  const source = `key of ${who}`;
  const sign = () => expect.unreachable();
  return { key: found, source, kind, open: () => ({ key: found, source, sign }) };
}

function refused(who: string, kind: FoundKey["kind"] = "file"): FoundKey {
  const open = (): never => {
    throw new OptoutError("key-invalid", `${who} must not be used`, { hint: "mend it" });
  };
  return { ...key(who, kind), open };
}

const authorWith = (found: Partial<FoundKeys>) => () =>
  authorOf(log, { candidates: [], problems: [], ...found });

const failed = new OptoutError("agent-failed", "the agent is dead", { hint: "start one" });

describe("the author", () => {
  it("is nobody where there is no key", () => {
    expect(authorWith({})).toThrowError(expect.objectContaining({ code: "no-key" }));
  });

  it("is nobody where the only known key must not be used: it says why, though others are there", () => {
    const candidates = [key("mallory"), refused("alice")];

    expect(authorWith({ candidates, problems: [failed] })).toThrowError(
      expect.objectContaining({ message: "alice must not be used", hint: "mend it" }),
    );
  });

  it("is nobody where no key is known: a key for optout is named before one of ssh's", () => {
    const candidates = [key("mallory", "ssh"), key("trent")];

    expect(authorWith({ candidates })).toThrowError(
      expect.objectContaining({
        code: "key-unknown",
        message: expect.stringMatching(
          /^key of trent .* belongs to nobody in policy.yaml/,
        ) as unknown,
        hint: expect.stringContaining(key("trent").key.ssh) as unknown,
      }),
    );
  });

  it("is told of a dead agent too where no key is known", () => {
    expect(authorWith({ candidates: [key("mallory")], problems: [failed] })).toThrowError(
      expect.objectContaining({
        code: "key-unknown",
        message: expect.stringMatching(/\nthe agent is dead$/) as unknown,
      }),
    );
  });

  it("is told what is wrong where there is no key that signs", () => {
    const candidates = [refused("mallory", "ssh")];

    expect(authorWith({ candidates, problems: [failed] })).toThrowError(failed);
    expect(authorWith({ candidates: [refused("mallory")] })).toThrowError(
      "mallory must not be used",
    );
  });

  it("is the owner of the first known key that opens", () => {
    const candidates = [key("mallory"), refused("bob"), key("alice", "ssh"), key("erin")];

    expect(authorWith({ candidates })()).toMatchObject({
      principal: { id: "alice" },
      signer: { source: "key of alice" },
    });
  });
});
