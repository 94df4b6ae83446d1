import { describe, expect, it } from "vitest";

import { repositoryUrl } from "../../src/system/repository-argument.ts";

const urlOf = (text: string, env: Record<string, string> = {}): string =>
  repositoryUrl(text, { cwd: "/work/here", env });

describe("a repository is named by", () => {
  it.each([
    ["acme/shop", "https://github.com/acme/shop"],
    ["gitlab.com/acme/apps/shop", "https://gitlab.com/acme/apps/shop"],
    ["https://git.acme.com/shop.git", "https://git.acme.com/shop.git"],
    ["ssh://git@git.acme.com:2222/shop.git", "ssh://git@git.acme.com:2222/shop.git"],
    ["git@github.com:acme/shop.git", "git@github.com:acme/shop.git"],
    ["./shop.git", "/work/here/shop.git"],
    ["../shop.git", "/work/shop.git"],
    ["/srv/git/shop.git", "/srv/git/shop.git"],
  ])("%s", (text, url) => {
    expect(urlOf(text)).toBe(url);
  });

  it("owner and name on the host that gh is told of", () => {
    expect(urlOf("acme/shop", { GH_HOST: "github.acme.com" })).toBe(
      "https://github.acme.com/acme/shop",
    );
  });
});

describe("a repository is not named by", () => {
  it.each([
    ["a group without its host", "acme/apps/shop"],
    ["one word", "shop"],
    ["a name of ssh's settings, which may be a mistyped path", "work:acme/shop"],
    ["nothing", ""],
    ["a flag of git's", "--upload-pack=touch /tmp/x"],
    ["a program", "ext::sh -c touch% /tmp/x"],
    ["a host that is a flag of ssh's", "ssh://-oProxyCommand=x/y"],
    ["a path after a flag of ssh's", "git@github.com:-x"],
    ["a line break", "/srv/a\nb"],
    ["a quotation mark in a name", 'acme/sh"op'],
  ])("%s", (_what, text) => {
    expect(() => urlOf(text)).toThrow(expect.objectContaining({ code: "usage" }) as Error);
  });

  it("a URL that holds a password", () => {
    expect(() => urlOf("https://alice:s3cret@git.acme.com/shop")).toThrow(
      "is not to hold a password",
    );
  });
});
