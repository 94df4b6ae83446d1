import { describe, expect, it } from "vitest";

import { plainPaint } from "../../src/output/paint.ts";
import {
  isAllReady,
  readyJson,
  readyLines,
  type ReadyReport,
} from "../../src/output/ready-words.ts";

const report: ReadyReport = {
  log: { store: "git:optout-log", appendable: true, detail: "7 positions; a push is accepted" },
  branch: "main",
  stages: [
    {
      stage: "lint",
      kind: "ready",
      emergency: false,
      longestSeconds: 7200,
      ticket: "^INC-[0-9]+$",
    },
    { stage: "gate", kind: "ready", emergency: true, longestSeconds: 1800, ticket: null },
  ],
};

describe("readiness", () => {
  it("tells the ticket and the emergency that a skip would need", () => {
    expect(readyLines(report, plainPaint).slice(-2)).toEqual([
      "✓ lint: yes, for up to 2h, with a ticket that matches ^INC-[0-9]+$",
      "✓ gate: yes, with --emergency, for up to 30m",
    ]);
    expect(isAllReady(report)).toBe(true);
  });

  it("is no for every stage where nothing can be added to the log", () => {
    const closed = { ...report, log: { ...report.log, appendable: false, detail: "read only" } };

    expect(isAllReady(closed)).toBe(false);
    expect(readyLines(closed, plainPaint)).toEqual([
      "✗ log     git:optout-log: read only",
      "",
      "You can skip, on main, now:",
      "✗ lint: no, because nothing can be added to the log",
      "✗ gate: no, because nothing can be added to the log",
    ]);
    expect(readyJson(closed).stages.map(({ ready }) => ready)).toEqual([false, false]);
  });
});
