/** Which requests go through a proxy, as curl and git read it. */
import { describe, expect, it } from "vitest";

import { proxyFor } from "../../src/system/proxy.ts";
import { problemOf } from "../support/problem.ts";

const api = "https://api.github.com/user";
const through = (url: string, env: Readonly<Record<string, string>>): string | null =>
  proxyFor(new URL(url), env)?.href ?? null;

describe("a proxy", () => {
  it("is the one for https, in lower case before upper case, else that for everything", () => {
    const all = { ALL_PROXY: "http://c:1", HTTPS_PROXY: "http://b:1", https_proxy: "http://a:1" };
    const { https_proxy: _lower, ...upper } = all;

    expect(through(api, all)).toBe("http://a:1/");
    expect(through(api, upper)).toBe("http://b:1/");
    expect(through(api, { ALL_PROXY: "http://c:1" })).toBe("http://c:1/");
    expect(through(api, { HTTPS_PROXY: "" })).toBeNull();
  });

  it("may be named without http://", () => {
    expect(through(api, { HTTPS_PROXY: "proxy.example.com:3128" })).toBe(
      "http://proxy.example.com:3128/",
    );
  });

  it.each([
    "http://example.com/",
    "https://localhost:8443/",
    "https://127.0.0.1/",
    "https://[::1]/",
  ])("is not used for %s", (url) => {
    expect(through(url, { HTTPS_PROXY: "http://a:1", HTTP_PROXY: "http://a:1" })).toBeNull();
  });

  it.each([
    "api.github.com",
    "github.com",
    ".github.com",
    "*.github.com",
    "other.example, github.com",
    "github.com:443",
    "GitHub.com",
    "*",
  ])("is not used for what NO_PROXY=%s names", (list) => {
    expect(through(api, { HTTPS_PROXY: "http://a:1", NO_PROXY: list })).toBeNull();
  });

  it.each(["hub.com", "github.com:8443", "api.github.com.example", ""])(
    "is used where NO_PROXY=%s names something else",
    (list) => {
      expect(through(api, { HTTPS_PROXY: "http://a:1", NO_PROXY: list })).toBe("http://a:1/");
    },
  );

  it.each(["socks5://user:canary@a:1", "http://user:canary@:::"])(
    "that is none is refused and not repeated",
    async (text) => {
      const problem = await problemOf(
        Promise.resolve().then(() => through(api, { HTTPS_PROXY: text })),
      );

      expect(problem).toMatchObject({ code: "config-invalid" });
      expect(`${problem.message}${problem.hint}`).not.toContain("canary");
    },
  );
});
