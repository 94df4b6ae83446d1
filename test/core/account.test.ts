/** Whether an account on a forge is the one that the policy gives a principal. */
import { describe, expect, it } from "vitest";
import { isAccountOf, nameOf, type Account } from "../../src/core/account.ts";
import { alice as person } from "../support/judged.ts";

const alice = { ...person, github: "alice-ng", githubId: null };
const account: Account = { forge: "github", host: "github.com", login: "Alice-NG", id: 7 };

describe("an account", () => {
  it("is the principal's by its name, whose case does not count", () => {
    expect(isAccountOf(alice, account)).toBe(true);
  });

  it("is the principal's by its number after a rename", () => {
    expect(isAccountOf({ ...alice, githubId: 7 }, { ...account, login: "ann" })).toBe(true);
  });

  it("is not the principal's where somebody else took her name", () => {
    expect(isAccountOf({ ...alice, githubId: 8 }, account)).toBe(false);
  });

  it("is not the principal's by her name on the other forge", () => {
    expect(isAccountOf(alice, { ...account, forge: "gitlab" })).toBe(false);
  });

  it("is nobody's where the policy names none", () => {
    expect(isAccountOf({ ...alice, github: null }, account)).toBe(false);
  });
});

it("names an account by its login and its host", () => {
  expect(nameOf(account)).toBe("Alice-NG on github.com");
});
