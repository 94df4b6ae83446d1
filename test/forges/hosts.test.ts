/** Which forge a host is. */
import { describe, expect, it } from "vitest";

import { wellKnown } from "../../src/forges/hosts.ts";

describe("the forge of a host", () => {
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
