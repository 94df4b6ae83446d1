/** Which statements count: at a sound position, genuine, and the first of their id. */
import { describe, expect, it } from "vitest";
import {
  beginsAsNamed,
  counted,
  extendView,
  headOf,
  viewOf,
  viewUpTo,
  type View,
} from "../../src/core/view.ts";
import { World } from "../support/world.ts";

function countedAt(view: View, seq: number): boolean {
  const reading = view.at(seq);
  return reading !== undefined && counted(view, reading) !== null;
}

describe("a statement does not count when", () => {
  it("its position is void", () => {
    const world = new World();
    const { seq } = world.created("alice", {}, { position: { seq: 9 } });

    expect(countedAt(world.view(), seq)).toBe(false);
  });

  it("its signature is wrong", () => {
    const world = new World();
    const { seq } = world.created("alice", {}, { signature: () => Buffer.alloc(64) });

    expect(countedAt(world.view(), seq)).toBe(false);
  });

  it("the same statement stands before it", () => {
    const world = new World();
    const { jws, seq } = world.created("alice");
    const again = world.place(jws);

    expect([countedAt(world.view(), seq), countedAt(world.view(), again.seq)]).toEqual([
      true,
      false,
    ]);
  });

  it("another genuine statement has its id already, of whatever kind and by whomever", () => {
    const world = new World();
    const { id } = world.append("bob", { kind: "note.hello" });
    const { seq } = world.keyRevoked("alice", "alice");
    const taken = world.append("alice", { kind: "key.revoked", kid: "k".repeat(43), id });

    expect(countedAt(world.view(), seq)).toBe(true);
    expect(countedAt(world.view(), taken.seq)).toBe(false);
  });
});

describe("a statement counts although its id stands before it", () => {
  it("under a signature that is not genuine, for anyone could take ids away like that", () => {
    const world = new World();
    const id = world.newId("ovr");
    world.created("alice", { id }, { signature: () => Buffer.alloc(64) });
    const { seq } = world.created("alice", { id });

    expect(countedAt(world.view(), seq)).toBe(true);
  });

  it("at a void position", () => {
    const world = new World();
    const { jws } = world.created("alice", {}, { position: { prev: "x".repeat(43) } });
    const { seq } = world.place(jws);

    expect(countedAt(world.view(), seq)).toBe(true);
  });
});

describe("a view", () => {
  it("knows by position 0 alone whether the log begins as the policy says", () => {
    const [one, other] = [new World(), new World({ policy: (text) => `${text}# other\n` })];
    const foreign = viewOf(one.policy, 0, [Buffer.from("no"), ...other.positions.slice(1)]);

    expect(beginsAsNamed(one.view())).toBe(true);
    expect(beginsAsNamed(foreign)).toBe(false);
    expect(beginsAsNamed(one.view({ first: 1 }))).toBe(false);
  });

  it("takes its oldest position's prev on trust, until it reaches further back", () => {
    const world = new World();
    const { seq } = world.created("alice", {}, { position: { prev: "x".repeat(43) } });
    const short = world.view({ first: seq });

    expect(short.at(seq)?.fault).toBeNull();
    expect(extendView(short, world.positions.slice(0, seq)).at(seq)?.fault).toBe("prev");
  });

  it("that holds nothing has no head, and reaches back from the log's end all the same", () => {
    const world = new World();
    world.created("alice");
    const nothing = viewOf(world.policy, world.positions.length, []);

    expect(headOf(nothing)).toBeNull();
    expect(headOf(extendView(nothing, world.positions))).toEqual(world.head);
    expect(extendView(nothing, world.positions).readings.map(({ fault }) => fault)).toEqual(
      world.positions.map(() => null),
    );
  });

  it("that reaches back by nothing is the same view", () => {
    const world = new World();
    const view = world.view({ first: 1 });

    expect(extendView(view, []).readings.map(({ seq, hash }) => [seq, hash])).toEqual(
      view.readings.map(({ seq, hash }) => [seq, hash]),
    );
  });

  it("is the same however it came to reach so far back", () => {
    const world = new World();
    for (let i = 0; i < 5; i += 1) world.created("alice");
    const short = world.view({ first: 4 });

    const long = extendView(short, world.positions.slice(1, 4));

    expect(long.readings.map(({ seq, hash, fault }) => [seq, hash, fault])).toEqual(
      world.view({ first: 1 }).readings.map(({ seq, hash, fault }) => [seq, hash, fault]),
    );
    expect([long.first, long.size]).toEqual([1, 7]);
  });

  it("can be asked as it was when an earlier position was its head", () => {
    const world = new World();
    const override = world.created("alice");
    world.revoked("alice", override);

    const before = viewUpTo(world.view(), override.seq);

    expect([before.size, before.where("override", override.id)]).toEqual([override.seq + 1, []]);
  });

  it("can be asked so although it does not reach back to the beginning", () => {
    const world = new World();
    const override = world.created("alice");
    world.revoked("alice", override);

    const before = viewUpTo(world.view({ first: 1 }), override.seq);

    expect([before.first, before.size, before.at(override.seq)?.seq]).toEqual([1, 3, 2]);
  });

  it("holds position 0 to the hash that stands for none", () => {
    const world = new World();
    const [first = new Uint8Array(), ...others] = world.positions;
    const text = Buffer.from(first).toString("latin1").replace("AAAAA", "BBBBB");

    expect(viewOf(world.policy, 0, [Buffer.from(text), ...others]).at(0)?.fault).toBe("prev");
    expect(world.view().at(0)?.fault).toBeNull();
  });

  it("knows nothing outside of it", () => {
    const view = new World().view({ first: 1 });

    expect([view.at(0), view.hashAt(0), view.at(2), view.hashAt(-1)]).toEqual(
      Array.from({ length: 4 }),
    );
  });
});
