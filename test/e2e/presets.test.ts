/** A policy that begins with a preset. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { makeStage, must, optout, push, ROOT, writeFiles } from "../support/stage.ts";

it.each(["solo", "small-team", "enterprise", "regulated"])(
  "init begins with the preset %s, which passes its tests",
  async (preset) => {
    const stage = await makeStage();
    try {
      const { laptop } = stage;
      const flags = ["lint", "unit-tests", "deploy-prod"].flatMap((id) => ["--stage", id]);
      await must(laptop, ["init", "--yes", "--preset", preset, ...flags]);
      await push(laptop, "Add the optout policy");
      const tests = readFileSync(join(ROOT, "templates", "policy", `${preset}.test.yaml`), "utf8");
      writeFiles(laptop, { ".optout/policy.test.yaml": tests });

      const tested = await optout(laptop, ["policy", "test"]);
      const checked = await optout(laptop, ["policy", "check"]);
      const again = await optout(laptop, ["init", "--yes", "--preset", preset]);

      expect(tested.stdout).toContain("answers as expected in");
      expect(tested.status).toBe(0);
      expect(checked.status).toBe(0);
      expect(again.stderr).toContain("is there, so no preset can be written");
      expect(again.status).toBe(2);
    } finally {
      stage.remove();
    }
  },
);
