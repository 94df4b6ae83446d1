/**
 * What a bucket's store does with answers that a healthy server seldom gives.
 */
import { afterEach, describe, expect, it } from "vitest";

import { openS3Store } from "../../src/stores/s3.ts";
import type { Store } from "../../src/stores/store.ts";
import { problemOf } from "../support/problem.ts";
import {
  serveScript,
  type ScriptedAnswer,
  type ScriptedServer,
} from "../support/scripted-server.ts";

const canary = {
  AWS_ACCESS_KEY_ID: "CANARYACCESS",
  AWS_SECRET_ACCESS_KEY: "canary-secret",
  AWS_SESSION_TOKEN: "canary-token",
};
const empty = answer(200, "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>");
const created = answer(200, "");
const quick = { tries: 4, silence: 1000, longestWait: 20 };

function answer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): ScriptedAnswer {
  return { status, body, headers };
}

const refusal = (status: number, code: string, more = ""): ScriptedAnswer =>
  answer(status, `<Error><Code>${code}</Code><Message>canary-message</Message>${more}</Error>`);

let server: ScriptedServer;
afterEach(() => server.stop());

async function against(
  answers: readonly ScriptedAnswer[],
  more: { readonly sse?: "aws:kms"; readonly kmsKey?: string } = {},
): Promise<Store> {
  server = await serveScript(answers);
  return openS3Store({
    place: {
      bucket: "bucket",
      prefix: "p",
      region: "eu-west-1",
      endpoint: server.endpoint,
      addressing: null,
      sse: more.sse ?? null,
      kmsKey: more.kmsKey ?? null,
    },
    env: canary,
    persistence: quick,
  });
}

const bytes = new Uint8Array(Buffer.from("position"));
const first = "PUT /bucket/p/entries/000000000/000000000000.json";

describe("a conditional create", () => {
  it("is tried again after a conflict", async () => {
    const busy = refusal(409, "ConditionalRequestConflict");
    const store = await against([empty, empty, busy, busy, created]);

    expect(await store.append(0, bytes, "")).toBe("created");
    expect(server.asked.slice(2)).toEqual([first, first, first]);
  });

  it("is tried again while the server is busy, and no sooner than it asks", async () => {
    const slow = answer(503, "", { "retry-after": "1" });
    const store = await against([empty, empty, slow, created]);

    expect(await store.append(0, bytes, "")).toBe("created");
    expect((server.times[3] ?? 0) - (server.times[2] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it("after an error of the server is only taken when another's bytes stand there", async () => {
    const theirs = answer(200, "theirs");
    const store = await against([
      empty,
      empty,
      answer(500, ""),
      refusal(412, "PreconditionFailed"),
      theirs,
    ]);

    expect(await store.append(0, bytes, "")).toBe("taken");
    expect(server.asked.at(-1)).toBe(first.replace("PUT", "GET"));
  });

  it("is unknown where the server only has errors, and nothing is there yet", async () => {
    const store = await against([
      empty,
      empty,
      ...Array<ScriptedAnswer>(4).fill(answer(500, "")),
      refusal(404, "NoSuchKey"),
    ]);

    expect(await problemOf(store.append(0, bytes, ""))).toEqual({
      code: "unreachable",
      message: "s3:bucket/p: it is not known whether #0 was recorded",
      hint: "optout status",
    });
  });

  it("is refused where the credential may not", async () => {
    const store = await against([empty, empty, refusal(403, "AccessDenied")]);

    expect(await problemOf(store.append(0, bytes, ""))).toMatchObject({
      code: "append-refused",
      message: "s3:bucket/p: the credential may not append",
    });
  });

  it("is refused for want of the key too, where the log is encrypted with one of KMS", async () => {
    const store = await against([empty, empty, refusal(403, "AccessDenied")], { sse: "aws:kms" });

    const { hint } = await problemOf(store.append(0, bytes, ""));

    expect(hint).toMatch(/it needs s3:PutObject there, and kms:GenerateDataKey of the key$/);
  });

  it("with a key that is disabled says so, and blames no condition", async () => {
    const store = await against([empty, refusal(400, "KMS.DisabledException")], { sse: "aws:kms" });

    expect(await store.probe()).toMatchObject({
      appendable: false,
      code: "store-denied",
      detail: "s3:bucket/p: the key that encrypts cannot be used (KMS.DisabledException)",
    });
  });

  it("that the bucket's rules refuse is not taken for one whose condition is refused", async () => {
    const store = await against([empty, refusal(400, "InvalidRequest")]);

    expect(await store.probe()).toEqual({
      readable: true,
      appendable: false,
      code: "store-unfit",
      detail:
        "s3:bucket/p: the server does not take the request as it is sent (400 InvalidRequest)",
    });
    expect(await problemOf(store.append(0, bytes, ""))).toMatchObject({
      code: "store-unfit",
      hint: "aws s3api get-object-lock-configuration --bucket bucket   (what it demands of an upload)",
    });
  });

  it("says with which key to encrypt, and never replaces", async () => {
    const store = await against([empty, empty, created], {
      sse: "aws:kms",
      kmsKey: "alias/optout",
    });

    await store.append(0, bytes, "");

    expect(server.headers[2]).toMatchObject({
      "if-none-match": "*",
      "x-amz-server-side-encryption": "aws:kms",
      "x-amz-server-side-encryption-aws-kms-key-id": "alias/optout",
      "x-amz-security-token": "canary-token",
    });
  });
});

describe("an answer", () => {
  const inIreland = "<Region>eu-west-1</Region>";
  const elsewhere = answer(301, "<Error><Code>PermanentRedirect</Code></Error>", {
    "x-amz-bucket-region": "us-west-2",
    location: "http://127.0.0.1:1/",
  });
  const hourAgo = new Date(Date.now() - 3_600_000).toUTCString();
  const cases: readonly (readonly [string, ScriptedAnswer, string, string, RegExp])[] = [
    [
      "redirect",
      elsewhere,
      "store-unfit",
      "the bucket is in us-west-2, not in eu-west-1",
      /region: us-west-2/,
    ],
    [
      "of another region",
      refusal(400, "AuthorizationHeaderMalformed", inIreland),
      "store-unfit",
      "the bucket is in another region, not in eu-west-1",
      /region: eu-west-1/,
    ],
    [
      "that the token has expired",
      refusal(400, "ExpiredToken"),
      "store-denied",
      "the session token has expired",
      /^aws sso login/,
    ],
    [
      "that the token is none",
      refusal(400, "InvalidToken"),
      "store-denied",
      "the session token is not valid",
      /^aws sso login/,
    ],
    [
      "about the clock",
      { ...refusal(403, "RequestTimeTooSkewed"), headers: { date: hourAgo } },
      "store-denied",
      "this machine's clock is 60 min ahead",
      /^set the clock/,
    ],
    [
      "of a gateway in between",
      answer(403, "<html><body>canary</body></html>"),
      "store-denied",
      "the credential may not list",
      /s3:ListBucket/,
    ],
    ["that is not known", refusal(418, "Teapot"), "unreachable", "418 Teapot", /^$/],
    [
      "of garbage",
      answer(200, "canary { garbage"),
      "unreachable",
      "the server's list cannot be read",
      /^$/,
    ],
    [
      "with a document type",
      answer(200, "<!DOCTYPE x [<!ENTITY a 'b'>]><ListBucketResult/>"),
      "unreachable",
      "the server's list cannot be read",
      /^$/,
    ],
  ];

  it.each(cases)("%s is told for what it is", async (...one) => {
    const [, given, code, message, hint] = one;
    const store = await against([given]);

    const error = await problemOf(store.tail(1));

    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(error.hint).toMatch(hint);
    expect(JSON.stringify(error)).not.toMatch(/canary/i);
  });

  it("that redirects is not followed, so that no header goes elsewhere", async () => {
    const store = await against([elsewhere]);

    await problemOf(store.tail(1));

    expect(server.asked.every((one) => one.startsWith("GET /bucket?"))).toBe(true);
  });

  it("tells the time of the server", async () => {
    const date = new Date(Date.now() - 3_600_000).toUTCString();
    const store = await against([{ ...empty, headers: { date } }]);
    await store.tail(1);

    expect(Math.abs((store.time() ?? 0) - (Date.now() / 1000 - 3600))).toBeLessThan(10);
  });
});
