/** What must hold for any world: changed bytes, people who may not, more said, and less said. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { audit } from "../../src/log/audit.ts";
import { isViolation, type Finding } from "../../src/log/findings.ts";
import {
  aboutOf,
  anyAct,
  answersIn,
  creations,
  keyRevocations,
  moments,
  play,
  randomActs,
  reactions,
  type Act,
  type Answer,
  type Entry,
  type Override,
  type Played,
} from "../support/random-world.ts";
import { commit, t0, World, type How } from "../support/world.ts";

/** `OPTOUT_RUNS=20 npx vitest run test/properties` tries so many times more. */
const runs = (usual: number): number => usual * Number(process.env["OPTOUT_RUNS"] ?? 1);

const entriesOf = (acts: readonly Act[]): readonly Entry[] => acts.map((act) => ({ act }));

const answersAt = ({ world }: Played, moment: number): readonly Answer[] =>
  answersIn(world.view(), t0 + world.clock + moment);

/** The overrides that a statement after the first `count` can be about. */
function madeBefore(
  acts: readonly Act[],
  count: number,
  { overrides }: Played,
): readonly Override[] {
  return overrides.slice(0, acts.slice(0, count).filter(({ kind }) => kind === "created").length);
}

interface More {
  /** After so many of the world's own. */
  readonly at: number;
  readonly act: Act;
  readonly how?: How;
}

/** The world's own statements, with more between them that take no time and no id of theirs. */
function withMore(acts: readonly Act[], more: readonly More[]): readonly Entry[] {
  return [null, ...acts].flatMap((own, index) => [
    ...(own === null ? [] : [{ act: own }]),
    ...more
      .filter(({ at }) => at % (acts.length + 1) === index)
      .map(({ act, how = {} }) => ({ act, how, aside: true })),
  ]);
}

const moreOf = (act: fc.Arbitrary<Act>): fc.Arbitrary<readonly More[]> =>
  fc.array(fc.record({ at: fc.nat(24), act }), { minLength: 1, maxLength: 5 });

describe("a random world", () => {
  it("has something in force of every kind, so that these properties can fail", () => {
    const reached = new Set(
      fc
        .sample(fc.tuple(randomActs, moments), { numRuns: 150, seed: 7 })
        .flatMap(([acts, moment]) =>
          answersAt(play(new World(), entriesOf(acts)), moment).map(({ outcome }) => outcome),
        ),
    );

    expect([...reached].toSorted()).toEqual(["allow-failure", "enforced", "force", "hold", "skip"]);
  });
});

describe("a change of any byte of any position", () => {
  const auditOf = async (
    { policy }: World,
    all: readonly Uint8Array[],
  ): Promise<readonly Finding[]> => {
    const positions = (async function* () {
      for (const bytes of all) yield Promise.resolve(bytes);
    })();
    const history = {
      defaultBranch: "main",
      holds: (at: string, digest: string) =>
        Promise.resolve(
          at === commit && digest === policy.digest ? ("yes" as const) : ("no" as const),
        ),
    };
    const request = { positions, from: 0, policy, history, anchors: [], now: t0 };
    return (await audit(request)).findings;
  };

  const changes = fc.array(
    fc.record({
      seq: fc.nat(30),
      place: fc.nat(20_000),
      kind: fc.constantFrom("replace", "insert", "remove"),
      byte: fc.nat(255),
    }),
    { minLength: 1, maxLength: 12 },
  );

  const changed = (
    bytes: Uint8Array,
    { place, kind, byte }: { readonly place: number; readonly kind: string; readonly byte: number },
  ): Uint8Array => {
    const at = place % bytes.byteLength;
    const more = kind === "remove" ? [] : [byte];
    return Buffer.concat([
      bytes.subarray(0, at),
      Buffer.from(more),
      bytes.subarray(kind === "insert" ? at : at + 1),
    ]);
  };

  it("is reported at that position by an audit, whatever it would have come to", async () => {
    await fc.assert(
      fc.asyncProperty(randomActs, changes, async (acts, all) => {
        const { world } = play(new World(), entriesOf(acts));
        for (const change of all) {
          const seq = change.seq % world.positions.length;
          const genuine = world.positions[seq] ?? new Uint8Array(1);
          const bytes = changed(genuine, change);
          if (Buffer.compare(bytes, genuine) === 0) continue;
          const found = await auditOf(world, world.positions.with(seq, bytes));
          const here = found.filter((one) => one.seq === seq && isViolation(one));
          expect(here).not.toEqual([]);
        }
      }),
      { numRuns: runs(40) },
    );
  });
});

describe("no statement of someone who is not entitled", () => {
  const releaseManagers = ["bob", "carol", "dora"];
  /** Who may revoke and who may deny the overrides of a stage, beside their author. */
  const enders: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
    lint: { revoked: ["uma"] },
    "unit-tests": { revoked: ["uma"] },
    license: { revoked: ["uma"] },
    "prod-gate": { revoked: ["uma", ...releaseManagers], denied: releaseManagers },
    "deploy-prod": { revoked: ["uma", ...releaseManagers], denied: releaseManagers },
  };

  /** Written from the world's policy by hand, not with the code that is tried. */
  function mayHaveEffect(act: Act, overrides: readonly Override[]): boolean {
    const who = nameOf(act.who);
    const of = "about" in act ? aboutOf(act, overrides).act : undefined;
    const mayEnd = (): boolean =>
      isStranger(who) || enders[of?.stage ?? ""]?.[act.kind]?.includes(who) === true;
    const answers: Readonly<Record<Act["kind"], () => boolean>> = {
      created: () => ["alice", "dora"].includes(who),
      approved: () => releaseManagers.includes(who),
      "key-revoked": () => who === "sven" || ("whose" in act && who === nameOf(act.whose)),
      used: () => who === "ci" || isStranger(who),
      denied: mayEnd,
      revoked: () => mayEnd() || isAuthor(who, of),
      noticed: () => who === "ci" || isAuthor(who, of),
      reviewed: () => false,
      recorded: () => false,
    };
    return answers[act.kind]();
  }

  const nameOf = (key: string): string => key.split(":")[0] ?? "";

  /** What reads as an end or a use, and nobody knows who signed it, is a doubt, and that restricts. */
  const isStranger = (who: string): boolean => who === "mallory";

  const isAuthor = (who: string, of: Act | undefined): boolean =>
    of !== undefined && nameOf(of.who) === who;

  it("changes a decision", () => {
    let tried = 0;
    fc.assert(
      fc.property(randomActs, moreOf(anyAct), moments, (acts, all, moment) => {
        const plain = play(new World(), entriesOf(acts));
        const more = all.filter(
          ({ act, at }) => !mayHaveEffect(act, madeBefore(acts, at % (acts.length + 1), plain)),
        );
        tried += more.length;
        const busy = play(new World(), withMore(acts, more));

        expect(answersAt(busy, moment)).toEqual(answersAt(plain, moment));
      }),
      { numRuns: runs(250) },
    );
    expect(tried).toBeGreaterThan(100);
  });
});

/** What is permitted that was not, and the holds that are lifted. */
function looserIn(after: readonly Answer[], before: readonly Answer[]): readonly string[] {
  return after.flatMap(({ permits, holds }, index) => {
    const old: Answer = before[index] ?? { outcome: "", permits: [], holds: [] };
    const opened = permits.filter((id) => !old.permits.includes(id));
    const lifted = old.holds.filter((id) => !holds.includes(id));
    return [...opened, ...lifted];
  });
}

describe("more said that restricts", () => {
  const spoils: readonly How[] = [
    {},
    { signature: () => Buffer.alloc(64) },
    { position: { seq: 99 } },
    { position: { prev: "z".repeat(42) + "A" } },
    { header: "{}" },
    { payload: (members) => JSON.stringify(members, null, 1) },
    { bytes: (bytes) => Buffer.concat([Buffer.from("x "), bytes]) },
  ];
  const restricting: fc.Arbitrary<Act> = fc.oneof(
    {
      arbitrary: reactions.filter(({ kind }) => ["denied", "revoked", "used"].includes(kind)),
      weight: 4,
    },
    keyRevocations,
    creations.map((act) => ({ ...act, action: "hold" as const })),
  );
  const said = fc.array(
    fc.record({ at: fc.nat(24), act: restricting, how: fc.constantFrom(...spoils) }),
    { minLength: 1, maxLength: 5 },
  );

  it("never loosens, whoever says it and however spoilt it is", () => {
    fc.assert(
      fc.property(randomActs, said, moments, (acts, more, moment) => {
        const plain = play(new World(), entriesOf(acts));
        const restricts = ({ act, at }: More): boolean => {
          const overrides = madeBefore(acts, at % (acts.length + 1), plain);
          const isEnd = act.kind === "denied" || act.kind === "revoked";
          // the end of a hold permits
          return !isEnd || aboutOf(act, overrides).act?.action !== "hold";
        };
        const busy = play(new World(), withMore(acts, more.filter(restricts)));

        expect(looserIn(answersAt(busy, moment), answersAt(plain, moment))).toEqual([]);
      }),
      { numRuns: runs(250) },
    );
  });
});

describe("less said that permits", () => {
  /** What an act permits, if it permits anything; the end of a hold does. */
  function permits(act: Act, overrides: readonly Override[]): boolean {
    switch (act.kind) {
      case "created":
        return act.action !== "hold";
      case "approved":
      case "noticed":
        return true;
      case "denied":
      case "revoked":
        return aboutOf(act, overrides).act?.action === "hold";
      case "used":
      case "reviewed":
      case "key-revoked":
      case "recorded":
        return false;
    }
  }

  function isApprovedAgain(acts: readonly Act[], left: number, whole: Played): boolean {
    const approved = acts.map((act, index) =>
      act.kind === "approved" ? aboutOf(act, madeBefore(acts, index, whole)).id : null,
    );
    return approved.slice(left + 1).includes(approved[left] ?? null);
  }

  it("never loosens", () => {
    let tried = 0;
    fc.assert(
      fc.property(randomActs, fc.nat(23), moments, (acts, chosen, moment) => {
        const left = chosen % acts.length;
        const whole = play(new World(), entriesOf(acts));
        const [act] = acts.slice(left, left + 1);
        if (act === undefined || !permits(act, madeBefore(acts, left, whole))) return;
        // without it the time begins with one that came later
        if (act.kind === "approved" && isApprovedAgain(acts, left, whole)) return;
        tried += 1;
        const entries = acts.map((one, index) => ({ act: one, absent: index === left }));
        const less = play(new World(), entries);

        expect(looserIn(answersAt(less, moment), answersAt(whole, moment))).toEqual([]);
      }),
      { numRuns: runs(250) },
    );
    expect(tried).toBeGreaterThan(50);
  });
});
