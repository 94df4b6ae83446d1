/**
 * For audits: what a bucket holds or remembers that the positions themselves do not show.
 */
import { OptoutError } from "../core/errors.ts";
import type { S3Client } from "./s3-client.ts";
import { refusalOf, refused } from "./s3-errors.ts";
import { decodedName, list } from "./s3-list.ts";
import type { Keys } from "./s3-place.ts";
import { childrenOf, childText, readXml, type Element } from "./s3-xml.ts";
import type { StoreFinding } from "./store.ts";

/** Objects that are named one by one; of more only the number is told. */
const namedStrays = 20;

/** @throws what listing the bucket throws */
export async function examineBucket(
  client: S3Client,
  keys: Keys,
): Promise<readonly StoreFinding[]> {
  return [...(await strays(client, keys)), ...(await pasts(client, keys))];
}

async function strays(client: S3Client, keys: Keys): Promise<readonly StoreFinding[]> {
  const found: string[] = [];
  let more = 0;
  let next = 0;
  for await (const { names } of list(client, { prefix: keys.entries })) {
    for (const name of names) {
      if (keys.seqOf(name) === next) next += 1;
      else if (found.length < namedStrays) found.push(name);
      else more += 1;
    }
  }
  const details = more === 0 ? found : [...found, `and ${more} more`];
  return details.map((detail) => ({ kind: "stray", seq: null, detail }));
}

/** Only a bucket with versions remembers what was overwritten or deleted. */
async function pasts(client: S3Client, keys: Keys): Promise<readonly StoreFinding[]> {
  const found: StoreFinding[] = [];
  let marker: Readonly<Record<string, string>> = {};
  for (;;) {
    const answer = await client.send({
      method: "GET",
      key: null,
      query: { versions: "", "encoding-type": "url", prefix: keys.entries, ...marker },
    });
    const refusal = answer.status === 200 ? null : refusalOf(answer);
    if (refusal !== null) {
      if (![400, 403, 405, 501].includes(refusal.status)) {
        throw refused(refusal, client.asked("list"));
      }
      const detail = "older versions cannot be listed: it needs s3:ListBucketVersions";
      return [{ kind: "unproven", seq: null, detail }];
    }
    const root = readXml(answer.body.toString("utf8"));
    if (root === null) {
      throw new OptoutError("unreachable", `${client.asked("list").name}: unreadable list`);
    }
    found.push(...pastsIn(root, keys));
    if (childText(root, "IsTruncated") !== "true") return found;
    marker = {
      "key-marker": decodedName(childText(root, "NextKeyMarker") ?? ""),
      "version-id-marker": childText(root, "NextVersionIdMarker") ?? "",
    };
  }
}

function pastsIn(root: Element, keys: Keys): readonly StoreFinding[] {
  const seqIn = (element: Element): number | null =>
    keys.seqOf(decodedName(childText(element, "Key") ?? ""));
  const idOf = (element: Element): string => `version ${childText(element, "VersionId") ?? "?"}`;
  const older = childrenOf(root, "Version").filter(
    (element) => childText(element, "IsLatest") === "false",
  );
  return [
    ...older.map((element) => ({
      kind: "second-version" as const,
      seq: seqIn(element),
      detail: `${idOf(element)} lies under a newer one`,
    })),
    ...childrenOf(root, "DeleteMarker").map((element) => ({
      kind: "deleted" as const,
      seq: seqIn(element),
      detail: `${idOf(element)} marks it as deleted`,
    })),
  ];
}
