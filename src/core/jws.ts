/**
 * Compact JWS (RFC 7515, section 7.1), read strictly: three canonical base64url segments and a
 * protected header with exactly three members in one order. Anything else (`jwk`, `crit`, another
 * `typ`, white space) refuses. Nothing here knows what a payload means.
 */
import { decodeBase64url } from "./base64url.ts";
import { sha256Base64url } from "./crypto.ts";
import type { SignatureAlgorithm } from "./keys.ts";
import { latin1 } from "./position.ts";

export interface Jws {
  readonly alg: SignatureAlgorithm;
  readonly kid: string;
  readonly payload: Uint8Array;
  /** What the signature is over: the first two segments as ASCII. */
  readonly signingInput: Uint8Array;
  readonly signature: Uint8Array;
}

const header =
  /^\{"alg":"(EdDSA|ES256)","kid":"([A-Za-z0-9_-]{43})","typ":"optout-statement\+jws"\}$/;

/** The parts of a compact JWS in its one accepted form, or which part is at fault. */
export function decodeJws(text: string): Jws | "form" | "header" {
  const first = text.indexOf(".");
  const second = text.indexOf(".", first + 1);
  if (first < 1 || second < first + 2 || second === text.length - 1) return "form";
  const head = decodeBase64url(text.slice(0, first));
  const payload = decodeBase64url(text.slice(first + 1, second));
  // another dot is no letter of base64url
  const signature = decodeBase64url(text.slice(second + 1));
  if (head === null || payload === null || signature === null) return "form";
  const [, alg, kid] = header.exec(latin1(head)) ?? [];
  if ((alg !== "EdDSA" && alg !== "ES256") || kid === undefined) return "header";
  return {
    alg,
    kid,
    payload,
    signature,
    signingInput: Buffer.from(text.slice(0, second), "latin1"),
  };
}

/** The bytes to sign for a payload under a key. */
export function signingInput(alg: SignatureAlgorithm, kid: string, payload: string): string {
  const head = JSON.stringify({ alg, kid, typ: "optout-statement+jws" });
  return `${base64url(head)}.${base64url(payload)}`;
}

/** The compact form of a signing input and its signature. */
export function compactJws(input: string, signature: Uint8Array): string {
  return `${input}.${Buffer.from(signature).toString("base64url")}`;
}

/** SHA-256 of the compact form, base64url: a statement's digest, and the log's id for the first. */
export function statementDigest(jws: string): string {
  return sha256Base64url(jws);
}

const base64url = (text: string): string => Buffer.from(text, "utf8").toString("base64url");
