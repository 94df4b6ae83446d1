/** The closed shapes of statements and their limits, on both sides of each edge. */
import { describe, expect, it } from "vitest";
import type { Kind } from "../../src/core/statement.ts";
import { ciKinds, isKind, kinds, readStatement } from "../../src/core/statement-shape.ts";
import { t0, useContext, World, type Members } from "../support/world.ts";

const world = new World();
const hash = "h".repeat(42) + "A";
const override = "ovr_0000000000000001";

const about = { override, digest: hash };
const wholes: { readonly [K in Exclude<Kind, "log.created">]: Members } = {
  "policy.recorded": { text: world.policy.text },
  "override.created": {
    action: "skip",
    target: { type: "stage", name: "lint" },
    scope: { branches: ["main"] },
    reason: { code: "broken-gate", text: "linter image answers 500" },
    tickets: ["INC-1"],
    nbf: t0,
    duration: 60,
  },
  "override.approved": about,
  "override.denied": { ...about, note: "not now" },
  "override.revoked": { override },
  "override.used": { ...about, context: useContext, decision: "skip" },
  "override.reviewed": { override, outcome: "ok", note: "fine" },
  "note.added": { override, tickets: ["INC-1"] },
  "notice.sent": { about: override, channel: "slack", target_hash: hash, status: "delivered" },
  "key.revoked": { kid: hash },
};

function whole(kind: Exclude<Kind, "log.created">, own: Members = {}): Members {
  return world.statement("alice", { kind, ...wholes[kind], ...own }, { at: 0 });
}

/** Where the statement is at fault, or null. */
function fault(kind: Kind, members: unknown): string | null {
  const read = readStatement(kind, members);
  return read.ok ? null : read.at;
}

const created = (own: Members): string | null =>
  fault("override.created", whole("override.created", own));
const without = (members: Members, name: string): Members =>
  Object.fromEntries(Object.entries(members).filter(([key]) => key !== name));

const names = Object.keys(wholes) as (keyof typeof wholes)[];

describe.each(names)("%s", (kind) => {
  it("is refused with a member that its kind does not know", () => {
    expect(fault(kind, { ...whole(kind), more: 1 })).toBe("more");
  });

  it.each(Object.getOwnPropertyNames(Object.prototype))(
    "is refused with a member that every object inherits: %s",
    (name) => {
      const members = JSON.parse(
        JSON.stringify(whole(kind)).replace("{", `{${JSON.stringify(name)}:1,`),
      ) as unknown;

      expect(fault(kind, members)).toBe(name);
    },
  );

  it.each(Object.keys(whole(kind)))("is refused without its member %s", (name) => {
    expect(fault(kind, without(whole(kind), name))).toBe(name);
  });

  it("is read into frozen values when it is whole", () => {
    const read = readStatement(kind, whole(kind));

    expect(read.ok && Object.isFrozen(read.statement)).toBe(true);
  });
});

describe("log.created", () => {
  const members = {
    v: 1,
    kind: "log.created",
    id: "stm_0000000000000001",
    by: "alice",
    iat: t0,
    repository: { host: "local", id: "sample", name: "shop" },
  };

  it("names no log, no policy and nothing seen, for there is none before it", () => {
    expect(fault("log.created", { ...members, log: hash })).toBe("log");
    expect(fault("log.created", { ...members, policy: hash })).toBe("policy");
    expect(fault("log.created", { ...members, saw: { seq: 0, hash } })).toBe("saw");
  });

  it("names the repository by host, id and name", () => {
    expect(fault("log.created", { ...members, repository: { host: "local", id: "x" } })).toBe(
      "repository.name",
    );
    expect(fault("log.created", members)).toBeNull();
  });
});

describe("ids", () => {
  it.each([
    ["an override's id where another is meant", "override.revoked", override],
    ["another's id where an override's is meant", "override.created", "stm_0000000000000001"],
    ["a letter that Crockford's base32 leaves out", "override.created", "ovr_000000000000000l"],
    ["a capital letter", "override.created", "ovr_000000000000000A"],
    ["15 characters", "override.created", "ovr_000000000000001"],
    ["17 characters", "override.created", "ovr_00000000000000001"],
  ] as const)("are refused with %s", (_what, kind, id) => {
    expect(fault(kind, whole(kind, { id }))).toBe("id");
  });

  it.each([
    "",
    "ovr_",
    "ovr_0123456789abcde",
    "ovr_0123456789abcdefg",
    "ovr_0123456789abcdei",
    "ovr_0123456789abcdel",
    "ovr_0123456789abcdeo",
    "ovr_0123456789abcdeu",
    "OVR_0123456789abcdef",
    "ovr_0123456789ABCDEF",
    "key_0123456789abcdef",
    "ovr_0123456789abcdef\n",
  ])("are refused as %j, of whatever statement", (text) => {
    expect(fault("notice.sent", whole("notice.sent", { about: text }))).toBe("about");
  });

  it("let a notice be about any statement", () => {
    expect(
      fault("notice.sent", whole("notice.sent", { about: "stm_0000000000000001" })),
    ).toBeNull();
    expect(fault("notice.sent", whole("notice.sent", { about: "abc" }))).toBe("about");
  });
});

describe("a text that has a form is refused with anything before or after it:", () => {
  const scope = { branches: ["main"], sha: "a".repeat(40) };
  const creation = whole("override.created", { scope, supersedes: override });
  const context = { ...useContext, environment: "production" };
  const places: readonly (readonly [Kind, string, Members])[] = [
    ...["id", "log", "by", "policy", "policy_at", "saw.hash", "supersedes", "target.name"].map(
      (path) => ["override.created", path, creation] as const,
    ),
    ["override.created", "scope.sha", creation],
    ["override.denied", "id", whole("override.denied")],
    ["override.denied", "override", whole("override.denied")],
    ["override.denied", "digest", whole("override.denied")],
    ["override.used", "context.stage", whole("override.used", { context })],
    ["override.used", "context.sha", whole("override.used", { context })],
    ["notice.sent", "about", whole("notice.sent")],
    ["notice.sent", "target_hash", whole("notice.sent")],
    ["key.revoked", "kid", whole("key.revoked")],
  ];

  it.each(places)("%s %s", (kind, path, members) => {
    const [name = "", inner] = path.split(".");
    const outer: unknown = members[name];
    const text = String(inner === undefined ? outer : Reflect.get(Object(outer), inner));
    const changed = (value: string): Members =>
      inner === undefined
        ? { ...members, [name]: value }
        : { ...members, [name]: Object.assign({}, outer, { [inner]: value }) };

    expect(fault(kind, changed(text))).toBeNull();
    for (const value of [`!${text}`, `${text}!`, `${text}\n`, ` ${text}`, ""]) {
      expect(fault(kind, changed(value))).toBe(path);
    }
  });
});

describe("times", () => {
  it.each([
    ["nbf more than 7 days after iat", { nbf: t0 + 7 * 86_400 + 1 }],
    ["nbf before iat", { nbf: t0 - 1 }],
    ["until at nbf", { until: t0 }],
    ["pending_until more than 7 days after iat", { pending_until: t0 + 7 * 86_400 + 1 }],
    ["pending_until at iat", { pending_until: t0 }],
  ])("are refused with %s", (_what, own) => {
    expect(created(own)).not.toBeNull();
  });

  it.each([
    ["nbf 7 days after iat", { nbf: t0 + 7 * 86_400 }],
    ["nbf at iat", { nbf: t0 }],
    ["until just after nbf", { until: t0 + 1 }],
    ["pending_until 7 days after iat", { pending_until: t0 + 7 * 86_400 }],
  ])("are accepted with %s", (_what, own) => {
    expect(created(own)).toBeNull();
  });

  it("give a duration of at least a second", () => {
    expect(created({ duration: 0 })).toBe("duration");
    expect(created({ duration: 1 })).toBeNull();
  });

  it("are whole numbers", () => {
    expect(created({ nbf: `${t0}` })).toBe("nbf");
    expect(created({ duration: 1.5 })).toBe("duration");
  });
});

describe("a scope", () => {
  const scope = (own: Members): string | null => created({ scope: own });
  const sixteen = Array.from({ length: 16 }, (_, i) => `b${i}`);

  it("names at least one of branches, heads and tags", () => {
    expect(scope({ sha: "a".repeat(40) })).not.toBeNull();
    expect(scope({})).not.toBeNull();
    expect(scope({ branches: [] })).toBe("scope.branches");
    expect(scope({ heads: ["fix/x"] })).toBeNull();
    expect(scope({ tags: ["v1"] })).toBeNull();
  });

  it.each(["branches", "heads", "tags"])("names at most 16 %s", (list) => {
    expect(scope({ [list]: [...sixteen, "b16"] })).not.toBeNull();
    expect(scope({ [list]: sixteen })).toBeNull();
  });

  it("means all branches by the word * alone, never within a list", () => {
    expect(scope({ branches: ["*"] })).not.toBeNull();
    expect(scope({ heads: "*" })).not.toBeNull();
    expect(scope({ tags: "*" })).not.toBeNull();
    expect(scope({ branches: "main" })).not.toBeNull();
    expect(scope({ branches: "*" })).toBeNull();
  });

  it.each(["release/*", "a?", "a[b]", "a b", "a\\b", "a~1", "a^", "a:b", "a\u202Eb", "a\nb"])(
    "takes no name that git would not take, so never a glob: %j",
    (name) => {
      expect(scope({ branches: [name] })).not.toBeNull();
    },
  );

  it("names commits in full", () => {
    expect(scope({ branches: "*", sha: "a".repeat(39) })).toBe("scope.sha");
    expect(scope({ branches: "*", sha: "A".repeat(40) })).toBe("scope.sha");
    expect(scope({ branches: "*", sha: "a".repeat(40) })).toBeNull();
    expect(scope({ branches: "*", sha: "a".repeat(64) })).toBeNull();
  });

  it("numbers pull requests from 1", () => {
    expect(scope({ branches: "*", pr: 0 })).toBe("scope.pr");
    expect(scope({ branches: "*", pr: "1" })).toBe("scope.pr");
    expect(scope({ branches: "*", pr: 1 })).toBeNull();
  });

  it("says yes or no about forks", () => {
    expect(scope({ branches: "*", forks: 1 })).toBe("scope.forks");
    expect(scope({ branches: "*", forks: null })).toBe("scope.forks");
    expect(scope({ branches: "*", forks: true })).toBeNull();
  });
});

describe("reasons and notes", () => {
  const reason = (text: string): string | null => created({ reason: { code: "other", text } });
  const note = (text: string): string | null =>
    fault("override.denied", whole("override.denied", { note: text }));

  it.each([
    ["U+0000", "a\u0000"],
    ["a tab", "a\tb"],
    ["a carriage return", "a\rb"],
    ["U+001F", "a\u001f"],
    ["U+007F", "a\u007f"],
    ["U+009F", "a\u009f"],
    ["U+202A", "a\u202a"],
    ["U+202E", "a\u202e"],
    ["U+2066", "a\u2066"],
    ["U+2069", "a\u2069"],
    ["nothing in them", ""],
    ["2,001 characters", "x".repeat(2001)],
    ["2,001 astral characters", "😀".repeat(2001)],
  ])("are refused with %s", (_what, text) => {
    expect(reason(text)).toBe("reason.text");
    expect(note(text)).toBe("note");
  });

  it.each([
    ["a line feed", "a\nb"],
    ["U+0020", " "],
    ["U+00A0", "\u00a0"],
    ["U+2029 and U+202F", "\u2029\u202f"],
    ["U+2065 and U+206A", "\u2065\u206a"],
    ["2,000 characters", "x".repeat(2000)],
    ["2,000 astral characters, each one code point", "😀".repeat(2000)],
  ])("are accepted with %s", (_what, text) => {
    expect(reason(text)).toBeNull();
    expect(note(text)).toBeNull();
  });

  it("have a code of the list", () => {
    expect(created({ reason: { code: "bored", text: "x" } })).toBe("reason.code");
    expect(created({ reason: { code: "drill", text: "x" } })).toBeNull();
  });
});

describe("tickets", () => {
  const tickets = (count: number): string[] => Array.from({ length: count }, (_, i) => `OPS-${i}`);

  it("are 16 at most", () => {
    expect(created({ tickets: tickets(17) })).toBe("tickets");
    expect(created({ tickets: tickets(16) })).toBeNull();
  });

  it("are printable ASCII without a space, 64 characters at most", () => {
    expect(created({ tickets: ["a b"] })).toBe("tickets.0");
    expect(created({ tickets: ["é"] })).toBe("tickets.0");
    expect(created({ tickets: ["x".repeat(65)] })).toBe("tickets.0");
    expect(created({ tickets: ["x".repeat(64)] })).toBeNull();
  });

  it("may be none", () => {
    expect(created({ tickets: [] })).toBeNull();
  });
});

describe("targets and actions", () => {
  it.each(["Lint", "lint ", "-lint", "l\u0456nt", "x".repeat(65), ""])(
    "know no stage that is named %j",
    (name) => {
      expect(created({ target: { type: "stage", name } })).toBe("target.name");
    },
  );

  it("know stages only, and four actions", () => {
    expect(created({ target: { type: "flag", name: "x" } })).toBe("target.type");
    expect(created({ action: "pass" })).toBe("action");
    expect(created({ target: { type: "stage", name: "x".repeat(64) }, action: "hold" })).toBeNull();
  });
});

describe("uses", () => {
  const used = (own: Members): string | null => fault("override.used", whole("override.used", own));

  it("tell a result from 0 to 255", () => {
    expect(used({ result: 256 })).toBe("result");
    expect(used({ result: 255 })).toBeNull();
    expect(used({ result: 0 })).toBeNull();
  });

  it("tell the job that used, and the attempt from 1 on", () => {
    expect(used({ context: { ...useContext, attempt: 0 } })).toBe("context.attempt");
    expect(used({ context: without(useContext, "run") })).toBe("context.run");
    expect(used({ context: { ...useContext, more: 1 } })).toBe("context.more");
    expect(used({ context: { ...useContext, environment: "production" } })).toBeNull();
  });

  it("hold lines without control characters, so that a run's name cannot forge a log", () => {
    expect(used({ context: { ...useContext, job: "a\nb" } })).toBe("context.job");
  });
});

describe("other members", () => {
  it("are what their kinds list, and nothing else", () => {
    expect(fault("notice.sent", whole("notice.sent", { status: "sent" }))).toBe("status");
    expect(fault("override.reviewed", whole("override.reviewed", { outcome: "good" }))).toBe(
      "outcome",
    );
    expect(fault("key.revoked", whole("key.revoked", { kid: "x" }))).toBe("kid");
    expect(fault("override.denied", without(whole("override.denied"), "note"))).toBe("note");
  });

  it("may be absent, and never null", () => {
    expect(created({ once: null })).toBe("once");
    expect(created({ emergency: null })).toBe("emergency");
    expect(created({ until: null })).toBe("until");
    expect(created({ once: true, emergency: false })).toBeNull();
  });

  it("name a principal as the policy can", () => {
    expect(created({ by: "Alice" })).toBe("by");
  });

  it("name what was seen by number and hash", () => {
    expect(created({ saw: { seq: 1 } })).toBe("saw.hash");
    expect(created({ saw: { seq: -1, hash } })).toBe("saw.seq");
    expect(created({ saw: { seq: 1, hash, more: 1 } })).toBe("saw.more");
  });
});

describe("kinds", () => {
  it("that a ci key may sign are uses and notices, and no other", () => {
    expect([...ciKinds].sort()).toEqual(["notice.sent", "override.used"]);
  });

  it("are known by name, not by what every object inherits", () => {
    expect(isKind("constructor")).toBe(false);
    expect(isKind("__proto__")).toBe(false);
    expect(Object.keys(kinds).every((kind) => isKind(kind))).toBe(true);
  });
});
