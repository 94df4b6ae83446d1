import { describe, expect, it } from "vitest";

import { parseRepositoryUrl, rewriteUrl } from "../../src/system/repository-url.ts";

describe("the repository that a URL names", () => {
  it.each([
    ["https://github.com/acme/shop.git", "github.com", "acme/shop"],
    ["https://github.com/acme/shop", "github.com", "acme/shop"],
    ["https://github.com/acme/shop/", "github.com", "acme/shop"],
    ["https://x-access-token:ghs_abc@github.com/acme/shop.git", "github.com", "acme/shop"],
    ["https://user:p%40ss:w@GitHub.com:8443/acme/shop.git", "github.com", "acme/shop"],
    ["http://127.0.0.1:8080/remote.git", "127.0.0.1", "remote"],
    ["https://gitlab.example.com/group/sub/project.git", "gitlab.example.com", "group/sub/project"],
    ["git@github.com:acme/shop.git", "github.com", "acme/shop"],
    ["github.com:acme/shop", "github.com", "acme/shop"],
    ["git@github.com:/acme/shop.git", "github.com", "acme/shop"],
    ["ssh://git@github.com/acme/shop.git", "github.com", "acme/shop"],
    ["ssh://git@github.com:22/acme/shop.git", "github.com", "acme/shop"],
    ["ssh://git@ssh.github.com:443/acme/shop.git", "github.com", "acme/shop"],
    ["git+ssh://git@host/acme/shop", "host", "acme/shop"],
    ["ssh://git@[2001:db8::1]:22/acme/shop.git", "2001:db8::1", "acme/shop"],
    ["git@[2001:db8::1]:acme/shop.git", "2001:db8::1", "acme/shop"],
    ["git://host/acme/shop.git", "host", "acme/shop"],
    ["file:///srv/git/shop.git", "local", "shop"],
    ["/srv/git/shop.git", "local", "shop"],
    ["/srv/git/shop/.git", "local", "shop"],
    ["../shop.git", "local", "shop"],
    ["./a:b/shop", "local", "shop"],
    ["shop", "local", "shop"],
    ["https://evil.example?@github.com/acme/shop", "local", "shop"],
    ["https://evil.example#@github.com/acme/shop", "local", "shop"],
    ["https://evil.example\\@github.com/acme/shop", "local", "shop"],
    ["evil.example:x@github.com:acme/shop", "evil.example", "x@github.com:acme/shop"],
    ["evil::https://github.com/acme/shop", "evil", ":https:/github.com/acme/shop"],
    ["https://github.com", "local", ""],
    ["", "local", ""],
  ])("%s", (url, host, name) => {
    expect(parseRepositoryUrl(url)).toEqual({ host, name });
  });
});

describe("a URL that settings rewrite", () => {
  const rewrites = [
    { base: "https://github.com/", prefix: "gh:" },
    { base: "https://mirror/", prefix: "gh:acme/" },
  ];

  it("gets the base of the longest prefix", () => {
    expect(rewriteUrl("gh:other/x", rewrites)).toBe("https://github.com/other/x");
    expect(rewriteUrl("gh:acme/x", rewrites)).toBe("https://mirror/x");
  });

  it("gets the base that git saw first where two have the same prefix", () => {
    const first = { base: "https://first/", prefix: "x:" };
    const same = [first, { base: "https://second/", prefix: "gh:" }, { ...first, prefix: "gh:" }];

    expect(rewriteUrl("gh:a/b", same)).toBe("https://first/a/b");
  });

  it("stays as it is where none fits", () => {
    expect(rewriteUrl("git@github.com:a/b", rewrites)).toBe("git@github.com:a/b");
  });
});
