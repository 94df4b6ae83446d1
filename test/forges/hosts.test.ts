/** Which forge a host is. */
import { describe, expect, it } from "vitest";

import { lookOf, wellKnown } from "../../src/forges/hosts.ts";

describe("the forge of a host", () => {
  it.each([
    ["acme.ghe.com", "github"],
    ["github.acme.com", "github"],
    ["gitlab.acme.com", "gitlab"],
    ["git.acme.com", null],
    ["notgithub.com", null],
    ["local", null],
  ])("%s looks like %s", (host, forge) => {
    expect(lookOf(host)).toBe(forge);
  });

  it("is what the environment says, whatever the name looks like", () => {
    expect(wellKnown("git.acme.com", { CI_SERVER_URL: "https://git.acme.com" })?.forge).toBe(
      "gitlab",
    );
    expect(wellKnown("gitlab.acme.com", { GH_HOST: "gitlab.acme.com" })?.forge).toBe("github");
  });

  it.each(["github.acme.com", "gitlab.acme.com", "github.com.evil.example"])(
    "%s gets no token for its name alone",
    (host) => {
      expect(wellKnown(host, {})).toBeNull();
    },
  );
});
