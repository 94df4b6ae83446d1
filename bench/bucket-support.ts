/**
 * What the benchmark of buckets takes from the project: the counterpart, and the store under test.
 */
import { longestWait } from "../src/log/place.ts";
import { S3Client, type S3ClientOptions } from "../src/stores/s3-client.ts";
import { groupSize, Keys } from "../src/stores/s3-place.ts";
import { openS3Store } from "../src/stores/s3.ts";
import { inParallel } from "../src/system/in-parallel.ts";

export { hasCeph, startCeph } from "../test/support/ceph.ts";
export { makeBucket } from "../test/support/s3-world.ts";

/** Puts the positions, and the segments of full groups, where a log's writers would have put them. */
export async function fill(options: S3ClientOptions, positions: readonly string[]): Promise<void> {
  const client = new S3Client(options);
  const keys = new Keys(options.place.prefix);
  await inParallel(positions.length, 32, async (seq) => {
    const body = Buffer.from(positions[seq] ?? "");
    const { status } = await client.send({ method: "PUT", key: keys.position(seq), body });
    if (status !== 200) throw new Error(`#${seq} could not be put: ${status}`);
  });
  for (let group = 0; (group + 1) * groupSize < positions.length; group += 1) {
    const lines = positions.slice(group * groupSize, (group + 1) * groupSize);
    const body = Buffer.from(`${lines.join("\n")}\n`);
    await client.send({ method: "PUT", key: keys.segment(group), body });
  }
}

/**
 * Milliseconds for each of `count` appends by so many writers at the same time, who wait as writers
 * of statements do; throws when something is lost.
 */
export async function appendAll(
  options: S3ClientOptions,
  writers: number,
  count: number,
): Promise<number> {
  const started = performance.now();
  await Promise.all(
    Array.from({ length: writers }, (_, writer) => write(options, writer, count / writers)),
  );
  const milliseconds = performance.now() - started;
  const found = new Set<string>();
  for await (const bytes of openS3Store(options).scan(0)) found.add(Buffer.from(bytes).toString());
  if (found.size !== count) throw new Error(`${found.size} of ${count} are there`);
  return milliseconds / count;
}

async function write(options: S3ClientOptions, writer: number, count: number): Promise<void> {
  const store = openS3Store(options);
  for (let n = 0; n < count; n += 1) {
    const bytes = Buffer.from(`${writer} writes ${n}`);
    for (let tries = 1; ; tries += 1) {
      const begun = performance.now();
      const { size } = await store.tail(1);
      if ((await store.append(size, bytes, "")) === "created") break;
      const wait = Math.random() * longestWait(tries, performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
