/**
 * A process that appends to a log: `git DIRECTORY BRANCH COUNT`, `dir PATH NAME COUNT` or
 * `s3 OPTIONS NAME COUNT` with the options of the store as JSON. Prints each text that it knows to be
 * created.
 */
import { openDirStore } from "../../src/stores/dir.ts";
import { openGitStore } from "../../src/stores/git.ts";
import { openS3Store, type S3StoreOptions } from "../../src/stores/s3.ts";
import type { Store } from "../../src/stores/store.ts";
import { readClone } from "../../src/system/clone.ts";

const [kind = "", place = "", name = "", count = "0"] = process.argv.slice(2);

async function open(): Promise<Store> {
  if (kind === "dir") return openDirStore({ path: place });
  if (kind === "s3") return openS3Store(JSON.parse(place) as S3StoreOptions);
  return openGitStore({ clone: await readClone(place), branch: name });
}

const store = await open();
for (let n = 0; n < Number(count); n += 1) {
  const text = `${process.pid} writes ${n}`;
  for (;;) {
    const { size } = await store.tail(1);
    if ((await store.append(size, Buffer.from(text), text)) === "created") break;
  }
  process.stdout.write(`${text}\n`);
}
