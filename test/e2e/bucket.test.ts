/**
 * The log in a bucket, through the built program: from `init` to `verify`, with what a night brings.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { hasCeph, startCeph, type Ceph } from "../support/ceph.ts";
import { makeBucket, positionKey, type Bucket } from "../support/s3-world.ts";
import {
  git,
  makePlace,
  makeStage,
  must,
  optout,
  type Place,
  type Stage,
} from "../support/stage.ts";

describe.skipIf(!hasCeph)("a log in a bucket (radosgw)", () => {
  let ceph: Ceph;
  let stage: Stage;
  let bucket: Bucket;
  let place: Place;
  const said: string[] = [];

  beforeAll(async () => {
    ceph = await startCeph();
    stage = await makeStage();
    bucket = await makeBucket(ceph);
    const made = makePlace(stage, "bucket");
    place = { ...made, env: { ...made.env, ...bucket.environment() } };
    await git(place, ["init", "-q", "--initial-branch=main"]);
    const { bucket: name, prefix, endpoint } = bucket.place;
    const where = ["--bucket", name, "--prefix", prefix, "--endpoint", endpoint ?? ""];
    await must(place, ["init", "--yes", "--stage", "lint", "--store", "s3", ...where]);
  });

  afterAll(async () => {
    await ceph.stop();
    stage.remove();
  });

  const ask = async (
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>> = {},
  ): Promise<{ status: number; text: string }> => {
    const { status, stdout, stderr } = await optout(place, args, { env });
    said.push(stdout, stderr);
    return { status, text: `${stdout}${stderr}` };
  };
  const check = ["check", "lint", "--branch", "main"];

  it("is begun, written to, read and proven", async () => {
    expect((await ask(check)).status).toBe(10);
    const skipped = await ask(["skip", "lint", "--branch", "main", "-m", "lint image answers 500"]);
    expect(skipped.text).toContain(`recorded  #2 in s3:${bucket.place.bucket}/team/optout`);
    expect((await ask(check)).status).toBe(0);
    expect((await ask(["verify"])).text).toContain("is intact: 3 positions");
    expect((await ask(["init", "--yes"])).text).toContain("everything is in place");
  });

  it("is diagnosed by the doctor", async () => {
    const { text } = await ask(["doctor"]);

    expect(text).toContain("conditional creates are honoured; versioning off; no object lock");
    expect(text).toContain("this credential may delete what is in the log");
  });

  it("grants nothing to whoever may not read it, and says why", async () => {
    const wrong = await ask(check, { AWS_SECRET_ACCESS_KEY: "canary-wrong" });
    expect(wrong.status).toBe(4);
    expect(wrong.text).toContain("the secret key does not belong to the access key");

    const none = await ask(check, {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_EC2_METADATA_DISABLED: "true",
    });
    expect(none.status).toBe(4);
    expect(none.text).toContain("there are no AWS credentials that work");
  });

  it("is not begun again elsewhere by flags", async () => {
    const { status, text } = await ask(["init", "--yes", "--store", "s3", "--bucket", "another"]);

    expect(status).toBe(2);
    expect(text).toContain("the policy in place keeps its log elsewhere");
  });

  it("is named as broken where a position was overwritten, and as odd where strays lie", async () => {
    const key = positionKey(1);
    const { body } = await bucket.ask({ method: "GET", key });
    await bucket.ask({ method: "PUT", key: positionKey(77), body: Buffer.from("stray") });
    const stray = await ask(["verify"]);
    expect(stray.status).toBe(0);
    expect(stray.text).toContain("STORE_STRAY");

    await bucket.ask({ method: "PUT", key, body: Buffer.from("overwritten") });
    const broken = await ask(["verify"]);
    const checked = await ask(check);
    await bucket.ask({ method: "PUT", key, body });

    expect(broken.status).toBe(5);
    expect(broken.text).toContain("POSITION_PREV");
    expect(checked.status).not.toBe(0);
  });

  it("never shows a key, a token or a signature", async () => {
    for (const args of [check, ["doctor", "--debug"], ["verify", "--json"]]) await ask(args);

    const all = said.join("\n");
    expect(all).not.toMatch(/ownerkey|ownersecret|canary|AWS4-HMAC|Signature|Authorization/i);
  });
});
