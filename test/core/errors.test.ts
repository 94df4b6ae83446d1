/** The one class of errors: what a code says of the exit status and of trying again. */
import { describe, expect, it } from "vitest";

import { asOptoutError, errorCodes, OptoutError } from "../../src/core/errors.ts";

const error = new OptoutError("unreachable", "origin cannot be reached");

describe("an error", () => {
  it("has the exit status of its code", () => {
    expect([error.exit, new OptoutError("refused", "no").exit]).toEqual([6, 3]);
  });

  it("may be tried again only where the world may have changed meanwhile", () => {
    const retryable = Object.entries(errorCodes).filter(([, row]) => row.retryable);

    expect(retryable.map(([code]) => code)).toEqual(["unreachable", "conflict", "timeout"]);
    expect([error.retryable, new OptoutError("refused", "no").retryable]).toEqual([true, false]);
  });

  it("names itself, its message, its cause and what to do", () => {
    const cause = new Error("ECONNREFUSED");
    const whole = new OptoutError("unreachable", "no", { hint: "optout doctor", cause });

    expect(whole).toMatchObject({ name: "OptoutError", message: "no", hint: "optout doctor" });
    expect(whole.cause).toBe(cause);
  });

  it("has no cause and no hint where there is none", () => {
    expect("cause" in error).toBe(false);
    expect(error.hint).toBeUndefined();
  });
});

describe("whatever is thrown", () => {
  it("stays what it is when it is one of ours", () => {
    expect(asOptoutError(error)).toBe(error);
  });

  it.each([
    ["an error", new TypeError("x is not a function"), "x is not a function"],
    ["text", "gone", "gone"],
    ["nothing", undefined, "undefined"],
  ])("that is %s becomes an unexpected failure with it as the cause", (_what, thrown, message) => {
    const found = asOptoutError(thrown);

    expect(found).toMatchObject({ code: "unexpected", message, exit: 1 });
    expect(found.cause).toBe(thrown);
  });
});
