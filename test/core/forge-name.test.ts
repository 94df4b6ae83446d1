/** The forge that a host's name speaks of. */
import { expect, it } from "vitest";

import { forgeByName } from "../../src/core/forge-name.ts";

it.each([
  ["github.com", "github"],
  ["acme.ghe.com", "github"],
  ["ghe.acme.com", "github"],
  ["github.acme.com", "github"],
  ["acme-github.acme.com", "github"],
  ["gitlab.com", "gitlab"],
  ["gitlab.acme.com", "gitlab"],
  ["gitlab-ce.acme.com", "gitlab"],
  ["my-gitlab.acme.com", "gitlab"],
  ["git.gitlab.acme.com", "gitlab"],
  ["gitlab", "gitlab"],
  ["gitlab.github.acme.com", "gitlab"],
  ["git.acme.com", null],
  ["notgithub.com", null],
  ["mygitlab.com", null],
  ["gitlabs.com", null],
  ["local", null],
  ["", null],
])("%s speaks of %s", (host, forge) => {
  expect(forgeByName(host)).toBe(forge);
});
