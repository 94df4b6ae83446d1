/**
 * The log in a bucket: one object a position, created with `If-None-Match: *`, so that of several
 * writers exactly one succeeds. No object is ever changed.
 *
 * The promise is the server's: a bucket that ignores the condition loses positions. `probe` finds out
 * before a log is begun. A position that is missing below the end was taken away, and that is never
 * passed over.
 */
import { OptoutError } from "../core/errors.ts";
import { inParallel } from "../system/in-parallel.ts";
import { S3Client, type BucketAnswer, type S3ClientOptions } from "./s3-client.ts";
import { refusalOf, refused } from "./s3-errors.ts";
import { connections } from "./s3-http.ts";
import { findLine, followLine, wholeLine } from "./s3-line.ts";
import {
  createHeaders,
  groupSize,
  groupToSeal,
  Keys,
  nameOf,
  type BucketPlace,
} from "./s3-place.ts";
import type { Store, StoreFinding, StoreProbe, Tail } from "./store.ts";

export interface S3StoreOptions extends S3ClientOptions {
  /** Milliseconds that a writer spends on sealing a full group at most; 2 s when absent. */
  readonly sealing?: number;
}

/** The position is recorded by then, and people wait. */
const sealing = 2000;

/** Positions that a scan holds in memory. */
const scanned = 256;

/** Opens the log in a bucket. Sends nothing yet. */
export function openS3Store(options: S3StoreOptions): Store {
  return new S3Store(options);
}

class S3Store implements Store {
  readonly name: string;
  /** Each costs a request of its own. */
  readonly readsAtOnce = 16;
  readonly #place: BucketPlace;
  readonly #sealing: number;
  readonly #client: S3Client;
  readonly #keys: Keys;
  /** Of the last look; positions never go away, so the next look begins there. */
  #size: number | null = null;
  /** Whether the segments said so. */
  #isGuess = false;
  /** Positions that this process has read; they never change. */
  readonly #read = new Map<number, Uint8Array>();

  constructor(options: S3StoreOptions) {
    this.name = nameOf(options.place);
    this.#place = options.place;
    this.#sealing = options.sealing ?? sealing;
    this.#client = new S3Client(options);
    this.#keys = new Keys(options.place.prefix);
  }

  time(): number | null {
    return this.#client.time();
  }

  async tail(count: number): Promise<Tail> {
    const size = await this.#look();
    try {
      return await this.#tailOf(size, count);
    } catch (error) {
      // somebody may have put objects beyond the end, to be counted
      const whole = this.#isGuess && isMissing(error) ? await this.#lookClosely() : size;
      if (whole === size) throw error;
      return this.#tailOf(whole, count);
    }
  }

  async #tailOf(size: number, count: number): Promise<Tail> {
    const first = Math.max(0, size - count);
    return { first, bytes: await this.#positions(first, size), size };
  }

  async before(seq: number, count: number): Promise<readonly Uint8Array[]> {
    const size = this.#size ?? (await this.#look());
    return this.#positions(Math.max(0, seq - count), Math.min(seq, size));
  }

  async append(seq: number, bytes: Uint8Array): Promise<"created" | "taken"> {
    let size = this.#size ?? (await this.#look());
    if (seq > size) size = await this.#look();
    if (seq !== size) return "taken";
    const answer = await this.#create(seq, bytes);
    if (answer === null) return this.#compare(seq, bytes);
    const { status, isRepeated } = answer;
    if (status === 412) return isRepeated ? this.#compare(seq, bytes) : "taken";
    if (status !== 200) throw refused(refusalOf(answer), this.#client.asked("append"));
    this.#size = Math.max(this.#size ?? 0, seq + 1);
    const full = groupToSeal(seq);
    if (full !== null) await this.#seal(full);
    return "created";
  }

  async *scan(from: number): AsyncGenerator<Uint8Array, void, void> {
    const isKnown = this.#size !== null && !this.#isGuess;
    const size = await (isKnown ? this.#look() : this.#lookClosely());
    for (let group = Math.floor(from / groupSize); group * groupSize < size; group += 1) {
      const start = group * groupSize;
      const first = Math.max(from, start);
      const sealed = start + groupSize > size ? null : await this.#sealed(group);
      if (sealed === null) yield* this.#oneByOne(first, Math.min(start + groupSize, size));
      else yield* sealed.slice(first - start);
    }
  }

  async probe(): Promise<StoreProbe> {
    const { probeBucket } = await import("./s3-probe.ts");
    return probeBucket(this.#client, this.#keys, this.#place);
  }

  async examine(): Promise<readonly StoreFinding[]> {
    const { examineBucket } = await import("./s3-examine.ts");
    return examineBucket(this.#client, this.#keys);
  }

  async #look(): Promise<number> {
    const known = this.#size ?? 0;
    const { size, isGuess } =
      known === 0
        ? await findLine(this.#client, this.#keys)
        : { size: await followLine(this.#client, this.#keys, known), isGuess: this.#isGuess };
    this.#size = Math.max(this.#size ?? 0, size);
    this.#isGuess = isGuess;
    return this.#size;
  }

  async #lookClosely(): Promise<number> {
    const { size } = await wholeLine(this.#client, this.#keys);
    this.#size = size;
    this.#isGuess = false;
    return size;
  }

  async *#oneByOne(from: number, end: number): AsyncGenerator<Uint8Array, void, void> {
    for (let seq = from; seq < end; seq += scanned) {
      const count = Math.min(scanned, end - seq);
      yield* await inParallel(count, connections, (index, signal) =>
        this.#fetch(seq + index, signal),
      );
    }
  }

  async #seal(group: number): Promise<void> {
    const { sealGroup } = await import("./s3-segments.ts");
    const read = (seq: number, signal: AbortSignal): Promise<Uint8Array> =>
      this.#fetch(seq, signal);
    const [client, keys, place] = [this.#client, this.#keys, this.#place];
    await sealGroup({ client, keys, place, read, patience: this.#sealing }, group);
  }

  async #sealed(group: number): Promise<readonly Uint8Array[] | null> {
    const { readSegment } = await import("./s3-segments.ts");
    return readSegment(this.#client, this.#keys, group);
  }

  #positions(from: number, end: number): Promise<readonly Uint8Array[]> {
    return inParallel(Math.max(0, end - from), connections, async (index, signal) => {
      const seq = from + index;
      const bytes = this.#read.get(seq) ?? (await this.#fetch(seq, signal));
      this.#read.set(seq, bytes);
      return bytes;
    });
  }

  async #fetch(seq: number, signal?: AbortSignal): Promise<Uint8Array> {
    const key = this.#keys.position(seq);
    const answer = await this.#client.send({ method: "GET", key, signal });
    if (answer.status === 200) return withoutLineEnd(answer.body);
    const refusal = refusalOf(answer);
    const isMissing = refusal.status === 404 && refusal.code !== "NoSuchBucket";
    if (!isMissing) throw refused(refusal, this.#client.asked("read"));
    throw new OptoutError("log-rewound", `#${seq} is missing in ${this.name}`, {
      hint: "ask who removed it, and restore it from a copy or an older version",
    });
  }

  /** The answer to the conditional PUT; null where there was none. */
  async #create(seq: number, bytes: Uint8Array): Promise<BucketAnswer | null> {
    const headers = createHeaders(this.#place);
    const key = this.#keys.position(seq);
    try {
      return await this.#client.send({ method: "PUT", key, headers, body: bytes });
    } catch (error) {
      if (error instanceof OptoutError && error.code === "unreachable") return null;
      throw error;
    }
  }

  /**
   * What became of a PUT whose answer was lost.
   * @throws `unreachable` where the position is still free: the request may arrive later
   */
  async #compare(seq: number, bytes: Uint8Array): Promise<"created" | "taken"> {
    try {
      const found = await this.#fetch(seq);
      this.#size = Math.max(this.#size ?? 0, seq + 1);
      return Buffer.compare(found, withoutLineEnd(bytes)) === 0 ? "created" : "taken";
    } catch (error) {
      if (!isMissing(error)) throw error;
      const what = `${this.name}: it is not known whether #${seq} was recorded`;
      throw new OptoutError("unreachable", what, { cause: error, hint: "optout status" });
    }
  }
}

/** Whether a position is not there. */
const isMissing = (error: unknown): boolean =>
  error instanceof OptoutError && error.code === "log-rewound";

/** A final LF is not part of a position's bytes. */
function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
}
