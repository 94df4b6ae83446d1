/**
 * Requests to a bucket: signed, tried again where that can help, and ended by the deadline.
 *
 * What is tried again: no answer at all, and answers that say "later" (429, 5xx, for a PUT 409), after
 * a random time that grows, or the one that the server asks for. Every request may be sent twice: a
 * GET changes nothing, and a conditional PUT succeeds once.
 */
import { sign } from "aws4";

import { OptoutError } from "../core/errors.ts";
import { assertInTime, deadlineError, sleep, type Deadline } from "../system/deadline.ts";
import { withDeadline } from "../system/with-deadline.ts";
import { awsCredentials, profileRegion, type AwsCredentials } from "./aws-credentials.ts";
import { digestHeaders } from "./s3-digest.ts";
import { refusalOf, timeOf, type Asked } from "./s3-errors.ts";
import { NoAnswer, openHttp, type Http, type HttpAnswer, type HttpRequest } from "./s3-http.ts";
import { nameOf, regionOf, serverOf, type BucketPlace, type BucketServer } from "./s3-place.ts";

/** How long to go on without a useful answer. */
export interface Persistence {
  readonly tries: number;
  /** Milliseconds of silence after which a try is given up. */
  readonly silence: number;
  /** Milliseconds of the longest wait between two tries. */
  readonly longestWait: number;
}

const persistence: Persistence = { tries: 6, silence: 5000, longestWait: 2000 };

export interface S3ClientOptions {
  readonly place: BucketPlace;
  /** Of the process: credentials and region. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly deadline?: Deadline | undefined;
  readonly persistence?: Persistence | undefined;
}

export interface BucketRequest {
  readonly method: HttpRequest["method"];
  /** Of the object; null for the bucket itself. */
  readonly key: string | null;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Ends it, beside the deadline. */
  readonly signal?: AbortSignal | undefined;
}

export interface BucketAnswer extends HttpAnswer {
  /** Whether an earlier try had no answer, so that it may have been carried out. */
  readonly isRepeated: boolean;
}

interface Opened {
  readonly http: Http;
  readonly server: BucketServer;
  readonly region: string;
  readonly credentials: AwsCredentials;
}

export class S3Client {
  readonly #options: S3ClientOptions;
  readonly #persistence: Persistence;
  #opened: Promise<Opened> | undefined;
  #region: string | null;
  #time: { readonly server: number; readonly at: number } | null = null;

  constructor(options: S3ClientOptions) {
    this.#options = options;
    this.#persistence = options.persistence ?? persistence;
    this.#region = options.place.region;
  }

  /** For an error about what this client was asked. */
  asked(act: Asked["act"]): Asked {
    const { place } = this.#options;
    const isKms = place.sse === "aws:kms";
    return { name: nameOf(place), bucket: place.bucket, region: this.#region ?? "?", isKms, act };
  }

  /** The server's clock now, by its last answer, in seconds since 1970; null before the first. */
  time(): number | null {
    if (this.#time === null) return null;
    const { server, at } = this.#time;
    return server + Math.floor((performance.now() - at) / 1000);
  }

  /**
   * Sends until there is an answer that another try cannot better.
   * @throws `unreachable`, `timeout`, `store-denied` without credentials
   */
  async send(request: BucketRequest): Promise<BucketAnswer> {
    // AWS's providers know no deadline
    this.#opened ??= withDeadline(
      this.#options.deadline,
      "credentials were looked for",
      this.#open(),
    );
    const opened = await this.#opened;
    let isRepeated = false;
    for (let tries = 1; ; tries += 1) {
      const answer = await this.#try(opened, request);
      const isLast = tries >= this.#persistence.tries;
      if (answer instanceof NoAnswer) {
        if (isLast) throw this.#unreachable(answer.message);
        isRepeated = true;
      } else {
        this.#remember(answer);
        if (!isForLater(answer, request)) return { ...answer, isRepeated };
        if (isLast) throw this.#unreachable(`it answers ${answer.status} again and again`);
        isRepeated ||= answer.status >= 500;
      }
      await this.#wait(tries, answer, request);
    }
  }

  async #open(): Promise<Opened> {
    const { place, env } = this.#options;
    const region = regionOf(place, env) ?? (await profileRegion(env));
    this.#region = region;
    const server = serverOf(place, region);
    const [credentials, http] = await Promise.all([
      awsCredentials(env),
      openHttp({ server, silence: this.#persistence.silence, env }),
    ]);
    return { http, server, region, credentials };
  }

  async #try(opened: Opened, request: BucketRequest): Promise<HttpAnswer | NoAnswer> {
    const { deadline } = this.#options;
    const doing = "the bucket was asked";
    assertInTime(deadline, doing);
    const signals = [deadline, request.signal].filter((signal) => signal !== undefined);
    try {
      return await opened.http.send(signed(opened, request), AbortSignal.any(signals));
    } catch (error) {
      if (deadline?.aborted === true) throw deadlineError(deadline, doing);
      if (!(error instanceof NoAnswer) || request.signal?.aborted === true) throw error;
      return error;
    }
  }

  #remember({ headers }: HttpAnswer): void {
    const server = timeOf(headers.date);
    if (server !== null) this.#time = { server, at: performance.now() };
  }

  /** A random time, the longer the more tries there were, or what the server asks for. */
  async #wait(
    tries: number,
    answer: HttpAnswer | NoAnswer,
    { signal }: BucketRequest,
  ): Promise<void> {
    const { longestWait } = this.#persistence;
    const asked = answer instanceof NoAnswer ? NaN : Number(answer.headers["retry-after"] ?? NaN);
    const random = Math.random() * Math.min(longestWait, 50 * 2 ** tries);
    const milliseconds = Number.isFinite(asked) ? Math.min(asked, 60) * 1000 + random : random;
    await sleep(milliseconds, this.#options.deadline, "the bucket was busy");
    signal?.throwIfAborted();
  }

  #unreachable(why: string): OptoutError {
    const { place } = this.#options;
    return new OptoutError("unreachable", `${nameOf(place)} cannot be reached: ${why}`, {
      hint: "optout doctor   (it needs the network, and the endpoint that log of the policy names)",
    });
  }
}

/** Whether the same request may have another answer soon. */
function isForLater(answer: HttpAnswer, { method }: BucketRequest): boolean {
  const { status } = answer;
  if (status === 501) return false;
  if (status >= 500 || status === 429 || status === 408) return true;
  if (status === 409) return method === "PUT";
  return status === 400 && refusalOf(answer).code === "RequestTimeout";
}

function signed({ server, region, credentials }: Opened, request: BucketRequest): HttpRequest {
  const { method, key, query = {}, headers = {}, body } = request;
  const pairs = Object.entries(query).map(([name, value]) =>
    value === "" ? encoded(name) : `${encoded(name)}=${encoded(value)}`,
  );
  const object = key === null ? "" : `/${key.split("/").map(encoded).join("/")}`;
  const path = `${server.path}${object}` || "/";
  const result = sign(
    {
      service: "s3",
      region,
      host: server.host,
      method,
      path: pairs.length === 0 ? path : `${path}?${pairs.join("&")}`,
      headers: {
        ...headers,
        ...(body === undefined
          ? {}
          : { "Content-Length": body.byteLength, ...digestHeaders(body) }),
      },
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    },
    credentials,
  );
  const all = Object.entries(result.headers ?? {}).map(
    ([name, value]) => [name, String(value)] as const,
  );
  return {
    method,
    path: result.path ?? path,
    headers: Object.fromEntries(all),
    body: body ?? null,
  };
}

/** Percent-encoded as the signature wants it (RFC 3986, section 2.3). */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
