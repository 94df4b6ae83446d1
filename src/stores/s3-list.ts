/**
 * Listings of a bucket, page by page, in the order of names.
 */
import { OptoutError } from "../core/errors.ts";
import type { S3Client } from "./s3-client.ts";
import { refusalOf, refused } from "./s3-errors.ts";
import { childText, readXml, type Element } from "./s3-xml.ts";

export interface ListRequest {
  readonly prefix: string;
  /** Names are cut after the first of these that comes after the prefix. */
  readonly delimiter?: string;
  /** Only names after this one. */
  readonly after?: string;
  readonly most?: number;
}

/** One page. */
export interface Listed {
  /** Keys, or with a delimiter what they have in common. */
  readonly names: readonly string[];
  /** Of each, the server's digest of the object in hexadecimal, mostly MD5; null where it has none. */
  readonly digests: readonly (string | null)[];
  readonly isLast: boolean;
}

/**
 * Lists, a page at a time; whoever has seen enough stops asking.
 * @throws `log-missing` for a bucket that is not there, `store-denied`, and what the client throws
 */
export async function* list(
  client: S3Client,
  { prefix, delimiter, after, most }: ListRequest,
): AsyncGenerator<Listed, void, void> {
  for (let token: string | null = null; ;) {
    const { root, names, digests }: Page = await page(client, {
      "list-type": "2",
      "encoding-type": "url",
      prefix,
      ...(delimiter === undefined ? {} : { delimiter }),
      ...(after === undefined ? {} : { "start-after": after }),
      ...(most === undefined ? {} : { "max-keys": String(most) }),
      ...(token === null ? {} : { "continuation-token": token }),
    });
    token =
      childText(root, "IsTruncated") === "true" ? childText(root, "NextContinuationToken") : null;
    yield { names, digests, isLast: token === null };
    if (token === null) return;
  }
}

interface Page extends Pick<Listed, "names" | "digests"> {
  /** Without what is listed. */
  readonly root: Element;
}

async function page(client: S3Client, query: Readonly<Record<string, string>>): Promise<Page> {
  const answer = await client.send({ method: "GET", key: null, query });
  const asked = client.asked("list");
  if (answer.status !== 200) throw refused(refusalOf(answer), asked);
  const found = pageIn(answer.body.toString("utf8"));
  if (found !== null) return found;
  throw new OptoutError("unreachable", `${asked.name}: the server's list cannot be read`);
}

/** What is listed: keys, or what they have in common. */
const listed = /<(Contents|CommonPrefixes)>([^]*?)<\/\1>/g;
const nameForm = /<(Key|Prefix)>([^<]*)<\/\1>/;
const digestForm = /<ETag>(?:"|&quot;|&#34;)?([0-9a-f]{32})\b/;

/**
 * Of a thousand objects only the names are taken, by a pattern: to read all that is said of them would
 * take a job longer than all else that it reads.
 */
function pageIn(text: string): Page | null {
  const names: string[] = [];
  const digests: (string | null)[] = [];
  const rest = text.replaceAll(listed, (_all, _name, inside: string) => {
    names.push(decodedName(nameForm.exec(inside)?.[2] ?? ""));
    digests.push(digestForm.exec(inside)?.[1] ?? null);
    return "";
  });
  const root = readXml(rest);
  return root?.name === "ListBucketResult" ? { root, names, digests } : null;
}

/** Foreign names may be anything at all; what cannot be decoded is no name of the log's. */
export function decodedName(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll("+", " "));
  } catch {
    return name;
  }
}
