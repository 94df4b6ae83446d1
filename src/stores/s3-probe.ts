/**
 * Does this very bucket keep the promise of the log, with this credential? Found out by trying, on an
 * object beside the log whose bytes are always the same.
 */
import { OptoutError } from "../core/errors.ts";
import { inParallel } from "../system/in-parallel.ts";
import type { S3Client } from "./s3-client.ts";
import { refusalOf, refused, type Refusal } from "./s3-errors.ts";
import { wholeLine } from "./s3-line.ts";
import { createHeaders, type BucketPlace, type Keys } from "./s3-place.ts";
import type { StoreProbe } from "./store.ts";
import { childText, readXml } from "./s3-xml.ts";

const probeBytes: Buffer = Buffer.from('{"optout":"probe"}\n');
/** Conditional creates of one object at the same time; at most one of them may succeed. */
const racers = 4;

type Warnings = NonNullable<StoreProbe["warnings"]>;

/** Never throws what the bucket answers: that is the finding. */
export async function probeBucket(
  client: S3Client,
  keys: Keys,
  place: BucketPlace,
): Promise<StoreProbe> {
  let readable = false;
  try {
    const { size, strays } = await wholeLine(client, keys);
    readable = true;
    const versioning = await versioningOf(client);
    await assertHonoured(client, keys, { place, versioning });
    const lock = await lockOf(client);
    const words = [`${size} positions`, "conditional creates are honoured", versioning, lock];
    const warnings = [...strayWarnings(strays), ...(await liberties(client, keys))];
    return { readable, appendable: true, detail: words.join("; "), warnings };
  } catch (error) {
    if (!(error instanceof OptoutError)) throw error;
    return { readable, appendable: false, detail: error.message, code: error.code };
  }
}

interface Tried {
  readonly place: BucketPlace;
  readonly versioning: string;
}

/** @throws `store-unfit` where the condition is ignored or refused, `append-refused` */
async function assertHonoured(
  client: S3Client,
  keys: Keys,
  { place, versioning }: Tried,
): Promise<void> {
  const answers = await inParallel(racers, racers, () =>
    client.send({
      method: "PUT",
      key: keys.probe,
      headers: createHeaders(place),
      body: probeBytes,
    }),
  );
  const failed = answers.find(({ status }) => status !== 200 && status !== 412);
  if (failed !== undefined) throw unfit(client, refusalOf(failed));
  if (answers.filter(({ status }) => status === 200).length <= 1) return;
  const what = `the bucket ignores the condition of a create (${versioning})`;
  throw new OptoutError("store-unfit", `${client.asked("try").name}: ${what}`, {
    hint: "use a server that honours If-None-Match, or a bucket without versioning",
  });
}

function unfit(client: S3Client, refusal: Refusal): OptoutError {
  const asked = client.asked("append");
  const { status, code } = refusal;
  const isAboutTheRequest = status === 501 || (status === 400 && code !== "ExpiredToken");
  const error = refused(refusal, asked);
  if (!isAboutTheRequest || error.code !== "unreachable") {
    if (error.code !== "store-unfit" || status !== 501) return error;
  }
  const words = code === null ? String(status) : `${status} ${code}`;
  const what = `the server refuses the condition of a create (${words})`;
  return new OptoutError("store-unfit", `${asked.name}: ${what}`, {
    hint: "use a server that honours If-None-Match on PUT",
  });
}

async function versioningOf(client: S3Client): Promise<string> {
  const answer = await client.send({ method: "GET", key: null, query: { versioning: "" } });
  if (answer.status !== 200) return "versioning unknown";
  const root = readXml(answer.body.toString("utf8"));
  const status = root === null ? null : childText(root, "Status");
  if (status === "Enabled") return "versioning on";
  return status === "Suspended" ? "versioning suspended" : "versioning off";
}

async function lockOf(client: S3Client): Promise<string> {
  const answer = await client.send({ method: "GET", key: null, query: { "object-lock": "" } });
  if (answer.status === 200) return "object lock on";
  return answer.status === 404 ? "no object lock" : "object lock unknown";
}

function strayWarnings(strays: number): Warnings {
  if (strays === 0) return [];
  const message = `${strays} objects are none of the positions, and are passed over`;
  return [{ message, mend: "optout verify   (names them)" }];
}

/** What the credential may do that no writer of a log needs. */
async function liberties(client: S3Client, keys: Keys): Promise<Warnings> {
  const key = keys.probe;
  const put = await client.send({ method: "PUT", key, body: probeBytes });
  const removed = await client.send({ method: "DELETE", key });
  const mend = "templates/aws/bucket-policy.json   (denies it to everyone)";
  return [
    ...(put.status === 200
      ? [{ message: "this credential may overwrite what is in the log", mend }]
      : []),
    ...(removed.status < 300
      ? [{ message: "this credential may delete what is in the log", mend }]
      : []),
  ];
}
