import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { redact } from "../../src/output/redact.ts";

const secret = "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gH3jK5";

const rows: readonly (readonly [string, string])[] = [
  ["https://user:SECRET@host/x.git", "https://***@host/x.git"],
  ["https://user:p@ss@host/x.git", "https://***@host/x.git"],
  ["http://SECRET@host", "http://***@host"],
  ["s3://id:SECRET@bucket/key", "s3://***@bucket/key"],
  ["ssh://git:SECRET@host/x", "ssh://***@host/x"],
  ["Authorization: Basic SECRET", "Authorization: ***"],
  ["http.extraHeader=AUTHORIZATION: basic SECRET", "http.extraHeader=AUTHORIZATION: ***"],
  ['{"authorization":"Bearer SECRET"}', '{"authorization":"***"}'],
  ["PRIVATE-TOKEN: SECRET", "PRIVATE-TOKEN: ***"],
  ["Cookie: a=SECRET; b=SECRET", "Cookie: ***"],
  ["sent bearer SECRET to it", "sent bearer *** to it"],
  ["GET /x?access_token=SECRET&y=1", "GET /x?access_token=***&y=1"],
  ["/x?X-Amz-Signature=SECRET", "/x?X-Amz-Signature=***"],
  ["token ghp_SECRET!", "token ***!"],
  ["token github_pat_SECRET", "token ***"],
  ["token glpat-SECRET", "token ***"],
  ["token xoxb-SECRET", "token ***"],
  ["key AKIAIOSFODNN7EXAMPLE", "key ***"],
  ["post to https://hooks.slack.com/services/T0/B0/SECRET", "post to https://hooks.slack.com/***"],
  ["-----BEGIN OPENSSH PRIVATE KEY-----\nSECRET\n-----END OPENSSH PRIVATE KEY-----.", "***."],
  ["-----BEGIN PRIVATE KEY-----\nSECRET", "***"],
];

const harmless = [
  "ssh://git@github.com/acme/shop.git",
  "git@github.com:acme/shop.git",
  "https://host/path@v1?x=1#y",
  "alice@example.com said: no bearer of news",
  "refused by rule prod-deploys (.optout/policy.yaml:41 at origin/main)",
  "optout history global-configuration-file --since 2026-11-21T17:00:00Z",
];

describe("a secret in a text", () => {
  it.each(rows)("is masked: %s", (template, masked) => {
    expect(redact(template.replaceAll("SECRET", secret))).toBe(masked);
  });

  it("is masked in a URL, whatever the password", () => {
    const password = fc.string({ minLength: 1 }).filter((text) => !/[\s/?#]/.test(text));

    fc.assert(
      fc.property(password, (text) => {
        expect(redact(`x https://u:${text}@host/`)).toBe("x https://***@host/");
      }),
    );
  });
});

describe("a text without secrets", () => {
  it.each(harmless)("is left alone: %s", (text) => {
    expect(redact(text)).toBe(text);
  });

  // time that grew with the square of the length would be longer than any limit of a test
  it("is read in time that grows with its length only", () => {
    for (const part of ["https://", "a:", "-----BEGIN PRIVATE KEY-----", "?token", "bearer "]) {
      const text = part.repeat(1_000_000);

      expect(redact(text).length).toBeLessThanOrEqual(text.length);
    }
  });
});
