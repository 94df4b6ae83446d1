import { describe, expect, it } from "vitest";

import { failureWords, refusalWords, withoutCredentials } from "../../src/system/git-words.ts";

describe("credentials in a text", () => {
  it.each([
    ["fatal: unable to access 'https://alice:s3cret@host/x.git/'", "s3cret"],
    ["https://ghp_secret@github.com/a/b", "ghp_secret"],
    ["https://user:p@ss@host/x", "p@ss"],
    ["ssh://git:pw@host/x and http://b:pw@host", "pw@"],
    ["> Authorization: Basic c2VjcmV0", "c2VjcmV0"],
    ["authorization: Bearer abc.def", "abc.def"],
    ["AUTHORIZATION: basic dG9rZW4=", "dG9rZW4="],
    ["https://host/x?private_token=glpat-x&y=1", "glpat-x"],
  ])("are taken out: %s", (text, secret) => {
    expect(withoutCredentials(text)).not.toContain(secret);
  });

  it("are nothing else: hosts, paths and addresses stay", () => {
    const text = "could not read from git@github.com:acme/shop.git on https://host/a@b";
    expect(withoutCredentials(text)).toBe(text);
  });
});

describe("git's words", () => {
  it("are its last failure and what stands before it, without advice", () => {
    const ssh =
      "git@host: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\n" +
      "Please make sure you have the correct access rights\nand the repository exists.\n";
    expect(failureWords(ssh)).toBe(
      "git@host: Permission denied (publickey).; Could not read from remote repository",
    );
  });

  it("hold no control characters, and are not endless", () => {
    const words = failureWords(
      `fatal: \u001b[31mred\u001b[0m \u202eback\u0007 ${"x".repeat(5000)}`,
    );
    expect(words).toMatch(/^red back x+…$/);
    expect(words).toHaveLength(601);
  });

  it("are null when there are none", () => {
    expect(failureWords("\n \n")).toBeNull();
    expect(refusalWords("", "")).toBeNull();
  });

  it("of a refusal are the host's lines, then the ref's", () => {
    const stderr = "remote: \nremote: GH006: Protected branch update failed.        \nTo host\n";
    const stdout =
      "To host\n!\tabc:refs/heads/x\t[remote rejected] (protected branch hook declined)\nDone\n";
    expect(refusalWords(stdout, stderr)).toBe(
      "GH006: Protected branch update failed.; [remote rejected] (protected branch hook declined)",
    );
  });
});
