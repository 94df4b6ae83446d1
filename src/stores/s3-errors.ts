/**
 * What a refusal of the server means, and what to do about it. Of an answer only the code is shown,
 * never the message: it may repeat the request's headers.
 */
import { OptoutError } from "../core/errors.ts";
import type { HttpAnswer } from "./s3-http.ts";
import { childText, readXml } from "./s3-xml.ts";

export interface Refusal {
  readonly status: number;
  /** `AccessDenied`, `NoSuchBucket`, …; null where the answer names none. */
  readonly code: string | null;
  /** The region that the bucket is in, where the answer tells. */
  readonly region: string | null;
  /** Seconds since 1970 on the server's clock. */
  readonly time: number | null;
}

/** Reads an answer that is no success. Never throws. */
export function refusalOf({ status, headers, body }: HttpAnswer): Refusal {
  const error = body.byteLength < 65_536 ? readXml(body.toString("utf8")) : null;
  const named = (name: string): string => (error === null ? "" : (childText(error, name) ?? ""));
  const region = headers["x-amz-bucket-region"];
  return {
    status,
    code: plain(named("Code"), /^[A-Za-z.]{1,60}$/),
    region: plain(typeof region === "string" ? region : named("Region"), /^[a-z0-9-]{1,40}$/),
    time: timeOf(headers.date),
  };
}

function plain(text: string, pattern: RegExp): string | null {
  return pattern.test(text) ? text : null;
}

/** The `Date` of an answer, in seconds since 1970. */
export function timeOf(date: string | undefined): number | null {
  const milliseconds = Date.parse(date ?? "");
  return Number.isNaN(milliseconds) ? null : Math.floor(milliseconds / 1000);
}

export interface Asked {
  /** The store, for people. */
  readonly name: string;
  readonly bucket: string;
  /** The region that the request was signed for. */
  readonly region: string;
  /** Whether the policy of the log has its objects encrypted with a key of KMS. */
  readonly isKms: boolean;
  /** What was refused, as in "may not list". */
  readonly act: "list" | "read" | "append" | "try";
}

type Say = (refusal: Refusal, asked: Asked) => OptoutError;

const denied =
  (what: string, hint: string): Say =>
  (_refusal, { name }) =>
    new OptoutError("store-denied", `${name}: ${what}`, { hint });

const whose = "aws sts get-caller-identity   (shows whose credential it is)";

/** By the server's code. */
const sayings: Readonly<Record<string, Say>> = {
  InvalidAccessKeyId: denied("the access key is not known", whose),
  SignatureDoesNotMatch: denied("the secret key does not belong to the access key", whose),
  ExpiredToken: denied("the session token has expired", "aws sso login   (or get a new token)"),
  InvalidToken: denied("the session token is not valid", "aws sso login   (or get a new token)"),
  RequestTimeTooSkewed: clockIsOff,
  NoSuchBucket: (_refusal, { name, bucket }) =>
    new OptoutError("log-missing", `${name}: there is no bucket ${bucket}`, {
      hint: "ask who removed it, or make one: aws s3api create-bucket",
    }),
  PermanentRedirect: elsewhere,
  TemporaryRedirect: elsewhere,
  AuthorizationHeaderMalformed: elsewhere,
  IllegalLocationConstraintException: elsewhere,
  InvalidRequest: ({ status }, { name, bucket }) =>
    new OptoutError(
      "store-unfit",
      `${name}: the server does not take the request as it is sent (${status} InvalidRequest)`,
      {
        hint: `aws s3api get-object-lock-configuration --bucket ${bucket}   (what it demands of an upload)`,
      },
    ),
  NotImplemented: (_refusal, { name }) =>
    new OptoutError("store-unfit", `${name}: the server does not know what a log needs`, {
      hint: "optout doctor   (says what the bucket can do)",
    }),
};

/** The error that a refusal is. */
export function refused(refusal: Refusal, asked: Asked): OptoutError {
  const { status, code } = refusal;
  const saying = code !== null && Object.hasOwn(sayings, code) ? sayings[code] : undefined;
  if (saying !== undefined) return saying(refusal, asked);
  if (code?.startsWith("KMS.") === true) return noKey(refusal, asked);
  if (status === 301 || status === 307) return elsewhere(refusal, asked);
  if (status === 401 || status === 403) return mayNot(refusal, asked);
  const words = code === null ? String(status) : `${status} ${code}`;
  return new OptoutError("unreachable", `${asked.name} answers ${words}`);
}

const actions: Readonly<Record<Asked["act"], string>> = {
  list: "s3:ListBucket",
  read: "s3:GetObject",
  append: "s3:PutObject",
  try: "s3:PutObject",
};

/** Beside the right of S3. Source: Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys". */
const keyActions: Readonly<Record<Asked["act"], string | null>> = {
  list: null,
  read: "kms:Decrypt",
  append: "kms:GenerateDataKey",
  try: "kms:GenerateDataKey",
};

function mayNot({ code }: Refusal, { name, act, isKms }: Asked): OptoutError {
  const error = act === "list" || act === "read" ? "store-denied" : "append-refused";
  const ofKey = isKms ? keyActions[act] : null;
  const also = ofKey === null ? "" : `, and ${ofKey} of the key`;
  const said = code === null || code === "AccessDenied" ? "" : ` (${code})`;
  return new OptoutError(error, `${name}: the credential may not ${act}${said}`, {
    hint: `${whose}; it needs ${actions[act]} there${also}`,
  });
}

/** KMS's own words: the key is disabled, gone, not in this region. */
function noKey({ code }: Refusal, { name }: Asked): OptoutError {
  return new OptoutError(
    "store-denied",
    `${name}: the key that encrypts cannot be used (${code})`,
    {
      hint: "aws kms describe-key --key-id KEY   (shows its state and region)",
    },
  );
}

function elsewhere({ region }: Refusal, { name, region: asked }: Asked): OptoutError {
  const where = region === null || region === asked ? "in another region" : `in ${region}`;
  return new OptoutError("store-unfit", `${name}: the bucket is ${where}, not in ${asked}`, {
    hint: `name its region in the policy: log: { store: s3, region: ${region ?? "…"} }`,
  });
}

function clockIsOff({ time }: Refusal, { name }: Asked): OptoutError {
  const off = time === null ? null : Math.round((Date.now() / 1000 - time) / 60);
  const how = off === null ? "wrong" : `${Math.abs(off)} min ${off < 0 ? "behind" : "ahead"}`;
  return new OptoutError("store-denied", `${name}: this machine's clock is ${how}`, {
    hint: "set the clock: timedatectl set-ntp true",
  });
}
