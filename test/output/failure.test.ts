import { describe, expect, it } from "vitest";

import { OptoutError } from "../../src/core/errors.ts";
import { failureJson, failureText } from "../../src/output/failure.ts";
import { plainPaint } from "../../src/output/paint.ts";
import { fitFor } from "../../src/output/wrap.ts";

const lost = new OptoutError("unreachable", "origin cannot be reached", {
  hint: "try again, or: optout doctor",
});

describe("an error for people", () => {
  it("is what happened, and one thing to do", () => {
    expect(failureText(lost, plainPaint)).toBe(
      "✗ origin cannot be reached\n  try again, or: optout doctor\n",
    );
  });

  it("is one line where there is nothing to do", () => {
    expect(failureText(new OptoutError("usage", "no stage given"), plainPaint)).toBe(
      "✗ no stage given\n",
    );
  });

  it("keeps the lines of a message and indents them", () => {
    const error = new OptoutError("append-refused", "the host refused:\nremote: no\n::error::x");

    expect(failureText(error, plainPaint)).toBe(
      `✗ the host refused:\n  remote: no\n  ${String.raw`\u{3a}`}:error::x\n`,
    );
  });

  it("fits a narrow terminal, and leaves a command to copy in one line", () => {
    const error = new OptoutError("no-key", "there is no key that the policy knows", {
      hint: "optout keys create laptop --type ed25519",
    });

    expect(failureText(error, plainPaint, fitFor({ columns: 24 }))).toBe(
      "✗ there is no key that\n  the policy knows\n  optout keys create laptop --type ed25519\n",
    );
  });

  it("shows what a server said as text", () => {
    const error = new OptoutError("unreachable", "remote: \u001B[2J\u202Egone");

    expect(failureText(error, plainPaint)).toBe(`✗ remote: ${String.raw`\u{1b}[2J\u{202e}`}gone\n`);
  });

  it("shows no secret", () => {
    const error = new OptoutError("unreachable", "https://ci:t0ken@host/x.git: 403", {
      hint: "Authorization: Basic dXNlcjpwdw==",
    });

    expect(failureText(error, plainPaint)).toBe(
      "✗ https://***@host/x.git: 403\n  Authorization: ***\n",
    );
  });
});

describe("an error for programs", () => {
  it("is one object with code, exit status, message, hint and whether to retry", () => {
    expect(failureJson(lost)).toEqual({
      error: {
        code: "unreachable",
        exit: 6,
        message: "origin cannot be reached",
        hint: "try again, or: optout doctor",
        retryable: true,
      },
    });
  });

  it("has a null hint where there is none, and shows no secret", () => {
    expect(failureJson(new OptoutError("usage", "bad https://a:b@c/")).error).toMatchObject({
      message: "bad https://***@c/",
      hint: null,
    });
  });
});
