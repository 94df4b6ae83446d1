/** The XML that S3 answers with, and what is refused of it. */
import { describe, expect, it } from "vitest";

import { childrenOf, childText, readXml } from "../../src/stores/s3-xml.ts";

describe("an answer in XML", () => {
  it("is read as elements and text", () => {
    const root = readXml(
      '<?xml version="1.0" encoding="UTF-8"?>\n<List xmlns="http://s3/"><Key>a&amp;b</Key><Key/><Last>&quot;x&#34;</Last></List>\n',
    );

    expect(root?.name).toBe("List");
    expect(root === null ? [] : childrenOf(root, "Key").map((key) => key.text)).toEqual([
      "a&b",
      "",
    ]);
    expect(root === null ? null : childText(root, "Last")).toBe('"x"');
    expect(root === null ? "" : childText(root, "None")).toBeNull();
  });

  it.each([
    ["nothing", ""],
    ["plain text", "no"],
    ["two roots", "<a/><b/>"],
    ["text outside of the root", "<a/>b"],
    ["an element that is not closed", "<a><b></a>"],
    ["an element that was never opened", "</a>"],
    ["a document type", "<!DOCTYPE a><a/>"],
    ["an entity", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ["a comment", "<a><!-- b --></a>"],
    ["CDATA", "<a><![CDATA[b]]></a>"],
    ["an instruction within", "<a><?b c?></a>"],
    ["too deep a nest", `${"<a>".repeat(20)}${"</a>".repeat(20)}`],
    ["an end that closes itself", "<a></a/>"],
  ])("is refused with %s", (_what, text) => {
    expect(readXml(text)).toBeNull();
  });
});
