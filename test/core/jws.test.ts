/** Compact JWS in the one form that is accepted: docs/format.md, "Statement". */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { compactJws, decodeJws, signingInput, statementDigest } from "../../src/core/jws.ts";

const kid = "k".repeat(42) + "A";
const header = `{"alg":"EdDSA","kid":"${kid}","typ":"optout-statement+jws"}`;
const encode = (text: string): string => Buffer.from(text).toString("base64url");
const jws = (head: string, payload = "{}", signature = "A".repeat(86)): string =>
  `${encode(head)}.${encode(payload)}.${signature}`;

describe("a statement is refused for its form when", () => {
  it.each([
    ["it has two segments", `${encode(header)}.${encode("{}")}`],
    ["it has four segments", `${jws(header)}.AAAA`],
    ["its payload is empty", `${encode(header)}..AAAA`],
    ["its header is empty", `.${encode("{}")}.AAAA`],
    ["its signature is empty", `${encode(header)}.${encode("{}")}.`],
    ["it has one segment", encode(header)],
    ["it is nothing", ""],
    ["it is two dots", ".."],
    ["a segment is padded", `${encode(header)}.${encode("{}")}=.AAAA`],
    ["the header's last character has spare bits", `e31.${encode("{}")}.AAAA`],
    ["the payload's last character has spare bits", `${encode(header)}.e31.AAAA`],
    ["the signature's last character has spare bits", `${encode(header)}.${encode("{}")}.AB`],
    ["it has the letters of plain base64", `${encode(header)}.${encode("{}")}.+/+/`],
    ["a line feed stands in it", `${encode(header)}.\n${encode("{}")}.AAAA`],
    ["a line feed follows it", `${jws(header)}\n`],
    ["white space stands before it", ` ${jws(header)}`],
    ["it is the JSON form of a JWS", `{"protected":"${encode(header)}","payload":"e30"}`],
  ])("%s", (_what, text) => {
    expect(decodeJws(text)).toBe("form");
  });
});

describe("a statement is refused for its header when", () => {
  it.each([
    ["its algorithm is none", header.replace("EdDSA", "none")],
    ["its algorithm is HS256", header.replace("EdDSA", "HS256")],
    ["its algorithm is in other letters", header.replace("EdDSA", "eddsa")],
    ["its algorithm is Ed25519, another name for the same", header.replace("EdDSA", "Ed25519")],
    ["its type is JWT", header.replace("optout-statement+jws", "JWT")],
    ["its type is in other letters", header.replace("optout", "Optout")],
    ["it brings a key of its own", header.replace("}", ',"jwk":{}}')],
    ["it names where its key is", header.replace("}", ',"jku":"https://example.com"}')],
    ["it brings certificates", header.replace("}", ',"x5c":[]}')],
    ["it names critical members", header.replace("}", ',"crit":["b64"]}')],
    ["its payload is not encoded", header.replace("}", ',"b64":false}')],
    ["its payload is compressed", header.replace("}", ',"zip":"DEF"}')],
    [
      "its members stand in another order",
      `{"kid":"${kid}","alg":"EdDSA","typ":"optout-statement+jws"}`,
    ],
    ["a member stands twice", header.replace("{", '{"alg":"EdDSA",')],
    ["white space stands in it", header.replace(":", ": ")],
    ["the key's id is too short", header.replace(kid, kid.slice(1))],
    ["the key's id is no base64url", header.replace(kid, `${kid.slice(1)}+`)],
    ["the type is missing", `{"alg":"EdDSA","kid":"${kid}"}`],
    ["a line feed follows it", `${header}\n`],
    ["a line feed stands before it", `\n${header}`],
    ["another header stands before it", `{}${header}`],
  ])("%s", (_what, text) => {
    expect(decodeJws(jws(text))).toBe("header");
  });
});

describe("a statement in its form", () => {
  it.each(["EdDSA", "ES256"] as const)("names its algorithm and key: %s", (alg) => {
    const input = signingInput(alg, kid, '{"v":1}');
    const text = compactJws(input, new Uint8Array(64));

    const found = decodeJws(text);

    expect(found).toMatchObject({ alg, kid, signature: new Uint8Array(64) });
    expect(typeof found === "object" && Buffer.from(found.payload).toString()).toBe('{"v":1}');
  });

  it("is signed over its first two segments as ASCII (RFC 7515, section 5.1)", () => {
    const found = decodeJws(jws(header, '{"a":"é"}'));

    expect(typeof found === "object" && Buffer.from(found.signingInput).toString()).toBe(
      `${encode(header)}.${encode('{"a":"é"}')}`,
    );
  });

  it("has as its digest the SHA-256 of its ASCII bytes, base64url without padding", () => {
    const text = jws(header);

    expect(statementDigest(text)).toBe(createHash("sha256").update(text).digest("base64url"));
  });
});
