/*
 * The log in a bucket: what a check costs, what it would with the AWS SDK, and what writers cost each
 * other. Needs Ceph (test/support/ceph.ts); left out where there is none.
 */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { rolldown } from "rolldown";
import { loadConfig } from "rolldown/config";

import { ROOT } from "../scripts/run.mjs";
import { ratio, spawn } from "./measure.mjs";
import { makeLog } from "./world.mjs";

const node = process.execPath;
/** Enough that it does not decide how long the last of the writers waits. */
const appends = 512;

/** Two listings and five positions, without a signature. */
const plainRequests = `
const [endpoint, count] = process.argv.slice(1);
const http = require("node:http");
const agent = new http.Agent({ keepAlive: true });
for (let i = 0; i < Number(count); i += 1) http.get(endpoint, { agent }, (answer) => answer.resume());
`;

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
    const check = (cwd, by = program) =>
      spawn(node, [by, "check", "lint", "--branch", "main"], { cwd, env: withKeys });
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
    report(
      "  of that, as many plain http requests from Node / node -e 0",
      "",
      ratio(
        () => spawn(node, ["-e", plainRequests, bucket.place.endpoint, "7"], { cwd: small, env }),
        () => spawn(node, ["-e", "0"], { cwd: small, env }),
        pairs,
      ),
    );
    const sdk = await programWithSdk(join(folder, "with-sdk"));
    report(
      "check over s3 / the same with the AWS SDK",
      "<= 0.4",
      ratio(
        () => check(small),
        () => check(small, sdk),
        pairs,
      ),
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
      appends,
    );
    const many = await appendAll(
      bucket.options({ place: { ...bucket.place, prefix: "many" } }),
      16,
      appends,
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

async function bundle(input, file) {
  const build = await rolldown({ input: join(ROOT, input), platform: "node", cwd: ROOT });
  await build.write({ file, format: "esm", minify: true, codeSplitting: false });
  await build.close();
}

/** The program as it is released, but that the AWS SDK sends its requests. */
async function programWithSdk(directory) {
  const config = await loadConfig(join(ROOT, "rolldown.config.mjs"));
  // in one file, or the parts that it shares with AWS's providers would load each other in a circle
  const sdk = join(directory, "sdk-bucket.mjs");
  await bundle("bench/sdk-bucket.ts", sdk);
  const replaced = {
    name: "with-sdk",
    // what only init and verify ask stays as it is
    resolveId: (source, importer = "") =>
      /^\.\/s3-(client|list)\.ts$/.test(source) && /\/s3(-line)?\.ts$/.test(importer) ? sdk : null,
  };
  // the licences of what is measured only are nobody's to print
  const plugins = config.plugins.filter(({ name }) => name !== "third-party-licenses");
  const build = await rolldown({ ...config, cwd: ROOT, plugins: [replaced, ...plugins] });
  await build.write({ ...config.output, dir: join(directory, "dist") });
  await build.close();
  for (const file of ["bin/optout.cjs", "package.json"])
    cpSync(join(ROOT, file), join(directory, file));
  return join(directory, "bin", "optout.cjs");
}
