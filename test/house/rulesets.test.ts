/** The rules for the log's branch: those of GitHub are such as its own description of its API takes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { OpenAPIBackend, type Document } from "openapi-backend";
import { beforeAll, describe, expect, it } from "vitest";

import { ROOT } from "../support/stage.ts";

const directory = join(ROOT, "templates", "github", "rulesets");
const read = (...path: readonly string[]): unknown =>
  JSON.parse(readFileSync(join(...path), "utf8"));

let api: OpenAPIBackend;
beforeAll(async () => {
  const definition = read(ROOT, "test/support/forge/github-openapi.json") as Document;
  const ajvOpts = { strict: false, validateFormats: false, logger: false } as const;
  api = new OpenAPIBackend({ definition, quick: true, ajvOpts });
  await api.init();
});

/** What GitHub would say of it; null where nothing. */
function faultsOf(body: unknown): unknown {
  const request = { method: "POST", path: "/repos/acme/shop/rulesets", headers: {}, body };
  return api.validateRequest(request, "repos/create-repo-ruleset").errors ?? null;
}

describe("the ruleset", () => {
  it.each(readdirSync(directory))("%s is one that GitHub's description takes", (name) => {
    expect(faultsOf(read(directory, name))).toBeNull();
  });

  it("with a rule that GitHub does not know is not taken", () => {
    const made = read(directory, "log-append-only.json") as object;

    expect(faultsOf({ ...made, rules: [{ type: "no_such_rule" }] })).not.toBeNull();
  });

  it("that keeps the log append-only lets nobody pass", () => {
    expect(read(directory, "log-append-only.json")).toMatchObject({
      bypass_actors: [],
      rules: [
        { type: "deletion" },
        { type: "non_fast_forward" },
        { type: "required_linear_history" },
      ],
    });
  });

  it("for writers lets deploy keys pass, and all who may write: each role has to be named", () => {
    // the ids are in no page of GitHub's: github.com/github/rest-api-description/issues/7111
    const role = { write: 4, maintain: 2, admin: 5 };
    const passes = (actor_type: string, actor_id: number | null): object => {
      return { actor_type, actor_id, bypass_mode: "always" };
    };

    expect(read(directory, "log-writers.json")).toMatchObject({
      bypass_actors: [
        passes("RepositoryRole", role.write),
        passes("RepositoryRole", role.maintain),
        passes("RepositoryRole", role.admin),
        passes("DeployKey", null),
      ],
    });
  });
});

describe("the protection of the log's branch on GitLab", () => {
  // "Protected branches API" in GitLab's documentation: 0 nobody, 30 developers, 40 maintainers
  it("lets developers push, and nobody rewrite it", () => {
    expect(read(ROOT, "templates", "gitlab", "log-branch.json")).toEqual({
      name: "optout-log",
      push_access_level: 30,
      merge_access_level: 0,
      unprotect_access_level: 40,
      allow_force_push: false,
    });
  });
});
