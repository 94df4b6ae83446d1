/*
 * The log in a bucket: what a check costs, what the AWS SDK would cost for the same requests, and what
 * writers cost each other. Needs Ceph (test/support/ceph.ts); left out where there is none.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { rolldown } from "rolldown";

import { ROOT } from "../scripts/run.mjs";
import { ratio, spawn } from "./measure.mjs";
import { makeLog } from "./world.mjs";

const node = process.execPath;

/**
 * @param place {folder, env, program, gitInit, report}
 * @param size positions of the long log
 */
export async function bucketRows({ folder, env, program, gitInit, report }, size, pairs) {
  const support = join(folder, "bucket-support.mjs");
  await bundle("bench/bucket-support.ts", support);
  const { hasCeph, startCeph, makeBucket, fill, appendAll } = await import(support);
  if (!hasCeph) return console.log("  left out, for want of Ceph: the log in a bucket");
  const ceph = await startCeph();
  try {
    const bucket = await makeBucket(ceph, { prefix: "bench" });
    const withKeys = { ...env, ...bucket.environment() };
    const clone = async (name, shape) => {
      const place = { ...bucket.place, prefix: name };
      const log = `store: s3, bucket: ${place.bucket}, prefix: ${name}, endpoint: "${place.endpoint}"`;
      const { policy, positions } = makeLog({ ...shape, log });
      await fill(bucket.options({ place }), positions);
      const directory = join(folder, `bucket-${name}`);
      gitInit(directory);
      mkdirSync(join(directory, ".optout"));
      writeFileSync(join(directory, ".optout", "policy.yaml"), policy);
      return directory;
    };
    const check = (cwd) =>
      spawn(node, [program, "check", "lint", "--branch", "main"], { cwd, env: withKeys });
    const small = await clone("small", { size: 5, recent: 3 });
    report(
      "check over s3 (loopback), 3 relevant statements / node -e 0",
      "<= 2.2",
      ratio(
        () => check(small),
        () => spawn(node, ["-e", "0"], { cwd: small, env }),
        pairs,
      ),
    );
    const sdk = join(folder, "with-sdk.cjs");
    await bundle("bench/with-sdk.mjs", sdk, "cjs");
    const bySdk = () =>
      spawn(node, [sdk, bucket.place.endpoint, bucket.place.bucket, "small"], {
        cwd: small,
        env: withKeys,
      });
    report(
      "check over s3 / the same requests with the AWS SDK, bundled",
      "<= 0.4",
      ratio(() => check(small), bySdk, pairs),
    );
    const hundred = await clone("hundred", { size: 100, recent: 10 });
    const long = await clone("long", { size, recent: 10 });
    report(
      `check over s3, ${size.toLocaleString("en")} positions / 100`,
      "<= 1.25",
      ratio(
        () => check(long),
        () => check(hundred),
        pairs,
      ),
    );
    const one = await appendAll(
      bucket.options({ place: { ...bucket.place, prefix: "one" } }),
      1,
      32,
    );
    const many = await appendAll(
      bucket.options({ place: { ...bucket.place, prefix: "many" } }),
      16,
      32,
    );
    report("wall per append over s3, 16 writers / 1, nothing lost", "<= 3", {
      ratio: many / one,
      left: many,
      right: one,
    });
  } finally {
    await ceph.stop();
  }
}

async function bundle(input, file, format = "esm") {
  const build = await rolldown({ input: join(ROOT, input), platform: "node", cwd: ROOT });
  await build.write({ file, format, minify: true, codeSplitting: false });
  await build.close();
}
