/** The names of key files, by which a key that was made for CI is known. */
import { describe, expect, it } from "vitest";

import { ciKeyName, isCiKeyName } from "../../src/core/key-names.ts";

it.each([
  ["ci", true],
  ["ci-acme-shop", true],
  ["cider", false],
  ["my-ci", false],
  ["default", false],
])("whether a key called %s was made for CI: %s", (name, isCi) => {
  expect(isCiKeyName(name)).toBe(isCi);
});

describe("the CI key of a repository is called after it", () => {
  it.each([
    ["acme/shop", "ci-acme-shop"],
    ["Acme/Shop.Web_2", "ci-acme-shop-web-2"],
    ["acmé/größe", "ci-acme-gro-e"],
    ["../../etc/passwd", "ci-etc-passwd"],
    ["-acme/shop-", "ci-acme-shop"],
    ["商店/商店", "ci-jobs"],
    ["", "ci-jobs"],
  ])("%s: %s", (repository, name) => {
    expect(ciKeyName(repository)).toBe(name);
    expect(isCiKeyName(ciKeyName(repository))).toBe(true);
  });

  it("in at most 60 characters", () => {
    expect(ciKeyName(`acme/${"x".repeat(100)}`)).toBe(`ci-acme-${"x".repeat(52)}`);
  });
});
