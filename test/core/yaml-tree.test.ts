import fc from "fast-check";
import { dump } from "js-yaml";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";

import { readYaml, type YamlNode } from "../../src/core/yaml-tree.ts";

interface Reading {
  readonly value: unknown;
  readonly problems: readonly string[];
}

function read(text: string | Uint8Array): Reading {
  const problems: string[] = [];
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  const root = readYaml(bytes, ({ line, column }, message) => {
    problems.push(`${line}:${column} ${message}`);
  });
  return { value: root === null ? undefined : plain(root), problems };
}

function plain(node: YamlNode): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(plain);
    case "mapping":
      return Object.fromEntries([...node.members].map(([name, m]) => [name, plain(m.node)]));
  }
}

/** `name@line:column` of every name and value, in file order. */
function places(text: string): readonly string[] {
  const found: string[] = [];
  const walk = (node: YamlNode): void => {
    const label = node.kind === "scalar" ? String(node.value) : node.kind;
    found.push(`${label}@${node.place.line}:${node.place.column}`);
    if (node.kind === "list") node.items.forEach(walk);
    if (node.kind !== "mapping") return;
    for (const [name, member] of node.members) {
      found.push(`${name}@${member.place.line}:${member.place.column}`);
      walk(member.node);
    }
  };
  const root = readYaml(Buffer.from(text), () => undefined);
  if (root !== null) walk(root);
  return found;
}

describe("YAML", () => {
  it("is read in block form, in flow form, with comments and folds", () => {
    const text = [
      "# a comment",
      "---",
      "a: 1",
      "b: [x, 'it''s', {q: -1}]   # another",
      "c:",
      "  - >-",
      "    folded",
      "    text",
      '  - "\\u00e9 \\"x\\" / \\x41"',
      "d:",
      "  e: true",
      "  f: ~",
      "  g:",
      "h: a plain text",
      "",
    ].join("\n");
    expect(read(text)).toEqual({
      value: {
        a: 1,
        b: ["x", "it's", { q: -1 }],
        c: ["folded text", 'é "x" / A'],
        d: { e: true, f: null, g: null },
        h: "a plain text",
      },
      problems: [],
    });
  });

  it("keeps the place of every name and value", () => {
    expect(places("a: 1\nb:\n  - x # no\n\n  # no\n  - {c: [y]}\nd:\n")).toEqual([
      "mapping@1:1",
      "a@1:1",
      "1@1:4",
      "b@2:1",
      "list@3:3",
      "x@3:5",
      "mapping@6:5",
      "c@6:6",
      "list@6:9",
      "y@6:10",
      "d@7:1",
      "null@7:1",
    ]);
  });

  it("keeps places with line breaks of any kind", () => {
    expect(places("a: x\r\nb: z\rc:\r\n  v")).toEqual([
      "mapping@1:1",
      "a@1:1",
      "x@1:4",
      "b@2:1",
      "z@2:4",
      "c@3:1",
      "v@4:3",
    ]);
  });

  it("is nothing when the file is empty, or holds comments only", () => {
    expect(read("")).toEqual({ value: null, problems: [] });
    expect(read("# nothing\n\n")).toEqual({ value: null, problems: [] });
  });

  it("may end with the mark of a document's end", () => {
    expect(read("a: x\n...\n")).toEqual({ value: { a: "x" }, problems: [] });
  });

  it("keeps names of JavaScript's own as plain names", () => {
    const text = "__proto__: {x: 1}\nconstructor: a\ntoString: b\n";
    const names: string[] = [];
    const root = readYaml(Buffer.from(text), () => undefined);
    if (root?.kind === "mapping") names.push(...root.members.keys());
    expect(names).toEqual(["__proto__", "constructor", "toString"]);
    expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
  });

  it("means what js-yaml's value says, whatever the tree", () => {
    const word = fc.constantFrom(
      "a",
      "bc",
      "d e",
      "# x",
      "no",
      "1",
      "",
      "k: v",
      "é",
      "- z",
      "'",
      '"',
    );
    const { tree } = fc.letrec<{ tree: unknown; leaf: unknown }>((tie) => ({
      leaf: fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null)),
      tree: fc.oneof(
        { maxDepth: 4 },
        tie("leaf"),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(word, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.integer({ min: -1, max: 3 }), (value, flowLevel) => {
        const text = dump(value, { flowLevel, noRefs: true, lineWidth: -1, forceQuotes: true });
        const found = read(text);
        const hasOddName = /without quotes/.test(found.problems.join());
        fc.pre(!hasOddName);
        expect(found).toEqual({ value, problems: [] });
      }),
      { numRuns: 500 },
    );
  });

  it("that is accepted means the same to another reader, by YAML 1.2 and by 1.1", () => {
    const piece = fc.constantFrom(
      ..."ab -:?[]{},|>'\"#~.\n\t0123_+eyn=<Tx%@`!&*\\".split(""),
      ..."\n  |\r\n|: |- |? |---|...|\n- |a: |\nb: |no|1:30|0x1|1.5|2026-01-02|<<".split("|"),
    );
    const start = fc.constantFrom("", "a: ", "{a: ", "a:\n  ", "a: [");
    const text = fc
      .tuple(start, fc.array(piece, { maxLength: 16 }))
      .map(([first, rest]) => first + rest.join(""));
    fc.assert(
      fc.property(text, (candidate) => {
        const { value, problems } = read(candidate);
        const isMapping = problems.length === 0 && typeof value === "object" && value !== null;
        const others = (["1.2", "1.1"] as const)
          .map((version) => parseDocument(candidate, { version, logLevel: "silent" }))
          .filter(({ errors }) => isMapping && errors.length === 0);
        expect(others.map((other): unknown => other.toJS())).toEqual(others.map(() => value));
      }),
      { numRuns: 5_000 },
    );
  });

  it("is read or refused, and never breaks, whatever the text", () => {
    const unit = fc.constantFrom(..."ab:-?[]{},&*!|>'\"%@#~.\\ \n\t".split(""), "\n  ", ": ", "- ");
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), (text) => {
        const { value, problems } = read(text);
        expect(value !== undefined || problems.length > 0).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("YAML is refused", () => {
  it.each([
    ["with an anchor", "a: &x b\n", "1:4 anchors (&) are not supported: write the value out"],
    [
      "with an anchor on a mapping",
      "a: &x\n  b: c\n",
      "1:4 anchors (&) are not supported: write the value out",
    ],
    [
      "with an anchor on a name",
      "&x a: b\n",
      "1:1 anchors (&) are not supported: write the value out",
    ],
    [
      "with an alias",
      "a: *x\n",
      '1:4 aliases (*) are not supported: write the value out, or put a glob in quotes ("*")',
    ],
    [
      "with a glob without quotes",
      "a: [**]\n",
      '1:5 aliases (*) are not supported: write the value out, or put a glob in quotes ("*")',
    ],
    ["with a tag of YAML", "a: !!str b\n", "1:4 tags (!) are not supported"],
    ["with a tag of its own", "a: !x {b: c}\n", "1:4 tags (!) are not supported"],
    ["with a verbatim tag", "a: !<tag:yaml.org,2002:str> b\n", "1:4 tags (!) are not supported"],
    ["with the tag of no meaning", "a: ! b\n", "1:4 tags (!) are not supported"],
    [
      "with a merge key",
      "<<: {a: b}\n",
      '1:1 << without quotes is a merge key to some readers of YAML: write "<<"',
    ],
    [
      "with a version directive",
      "%YAML 1.1\n---\na: b\n",
      "3:1 YAML directives (%) are not supported",
    ],
    [
      "with a tag directive",
      "%TAG ! tag:x,2000:\n---\na: b\n",
      "3:1 YAML directives (%) are not supported",
    ],
    [
      "with an unknown directive",
      "%FOO bar\n---\na: b\n",
      'not YAML: unknown document directive "FOO"',
    ],
    [
      "with two documents",
      "a: b\n---\nc: d\n",
      "3:1 a second document begins; a policy is one document",
    ],
    [
      "with a second, empty document",
      "a: b\n---\n",
      "3:1 a second document begins; a policy is one document",
    ],
    [
      "with a second document after the end of one",
      "a: b\n...\n---\nc: d\n",
      "4:1 a second document begins; a policy is one document",
    ],
    ["with a member twice", "a: 1\nb: 2\na: 3\n", "3:1 a is given twice"],
    ["with a member twice in braces", "x: {a: 1, a: 2}\n", "1:11 a is given twice"],
    ["with a member twice, once in quotes", 'a: 1\n"a": 2\n', '2:1 "a" is given twice'],
    ["with __proto__ twice", "__proto__: 1\n__proto__: 2\n", "2:1 __proto__ is given twice"],
    [
      "with a tab as indentation",
      "a:\n\tb: c\n",
      "2:1 not YAML: tab characters must not be used in indentation",
    ],
    ["with two colons", "a: b: c\n", "1:5 not YAML: bad indentation of a mapping entry"],
    [
      "with an open bracket",
      "a: [b\n",
      "2:1 not YAML: a line inside brackets or quotes is indented too little",
    ],
    [
      "with brackets that close too far left",
      "a: [\n  b\n]\n",
      "3:1 not YAML: a line inside brackets or quotes is indented too little",
    ],
    ["with open brackets in braces", "{a: [b}\n", "1:7 not YAML: missed comma between flow"],
    [
      "with open quotes",
      'a: "b\n',
      "2:1 not YAML: a line inside brackets or quotes is indented too little",
    ],
    [
      "with an empty item",
      "a:\n  -\n  - b\n",
      "2:3 the list holds an empty item, or a pair without braces",
    ],
    [
      "with a pair without braces",
      "a: [b: c]\n",
      "1:4 the list holds an empty item, or a pair without braces",
    ],
    [
      "with a name that is empty",
      "{: x}\n",
      "1:1 the mapping holds a name that is empty, not text, or without a value",
    ],
    [
      "with a name that is a list",
      "? [a, b]\n: c\n",
      "1:1 the mapping holds a name that is empty, not text, or without a value",
    ],
    [
      "with a name that is a mapping",
      "? {a: b}\n: c\n",
      "1:1 the mapping holds a name that is empty, not text, or without a value",
    ],
    [
      "with names and no values",
      "? a\n? b\n",
      "1:1 the mapping holds a name that is empty, not text, or without a value",
    ],
    [
      "with a name that is a number",
      "1: a\n",
      '1:1 the name 1 without quotes is not text: write "1"',
    ],
    [
      "with a name that is nothing",
      "null: a\n",
      '1:1 the name null without quotes is not text: write "null"',
    ],
    [
      "with a name that some read as true",
      "on: a\n",
      '1:1 on without quotes is true or false to some readers of YAML: write "on"',
    ],
    ["with a byte order mark", "\ufeffa: b\n", "1:1 the file begins with a byte order mark"],
    [
      "with a byte order mark inside",
      "a: b\n\ufeff\n",
      "2:1 the file holds the invisible character U+FEFF",
    ],
    ["with a null character", "a: b\u0000\n", "1:5 the file holds the invisible character U+0000"],
    [
      "with an escape character in a comment",
      "a: b # \u001b[2J\n",
      "1:8 the file holds the invisible character U+001B",
    ],
    [
      "with text that runs backwards",
      "a: b # \u202e\n",
      "1:8 the file holds the invisible character U+202E",
    ],
    ["with an isolate", "a: \u2066b\n", "1:4 the file holds the invisible character U+2066"],
    [
      "with a line break of YAML 1.1",
      "a: b # x\u2028c: d\n",
      "1:9 the file holds the invisible character U+2028",
    ],
    [
      "with a C1 control character",
      "a: b\u0085c: d\n",
      "1:5 the file holds the invisible character U+0085",
    ],
    [
      "with a line break in a value",
      'a: "b\\nc"\n',
      "1:4 a line break or an invisible character is not allowed here",
    ],
    [
      "with a block of lines",
      "a: |\n  b\n",
      "1:4 a line break or an invisible character is not allowed here",
    ],
    [
      "with an escape of a control character",
      'a: "\\x1b"\n',
      "1:4 a line break or an invisible character is not allowed here",
    ],
    [
      "with an escape of half a character",
      'a: "\\ud83d"\n',
      "1:4 a line break or an invisible character is not allowed here",
    ],
    [
      "with an escape of eight digits",
      'a: "\\U0001F600"\n',
      "1:4 \\U escapes are not supported: write the character itself",
    ],
    [
      "with an escape that js-yaml would cut",
      'a: "\\UFFFF0061lice"\n',
      "1:4 \\U escapes are not supported: write the character itself",
    ],
  ])("%s", (_, text, problem) => {
    const { problems } = read(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it("reads an escaped backslash before U as a backslash and U", () => {
    expect(read('a: "\\\\U0001"\n')).toEqual({ value: { a: "\\U0001" }, problems: [] });
  });

  it.each([
    [Buffer.from([0x61, 0x3a, 0x20, 0xff]), "a byte that is never UTF-8"],
    [Buffer.from([0x61, 0x3a, 0x20, 0xc0, 0xaf]), "an overlong form"],
    [Buffer.from([0x61, 0x3a, 0x20, 0xed, 0xa0, 0x80]), "a surrogate"],
    [Buffer.from("a: b\n", "utf16le"), "UTF-16"],
  ])("when the bytes hold what is no UTF-8, or no text (%#)", (bytes) => {
    expect(read(bytes).problems[0]).toMatch(
      /^1:1 the file is not well-formed UTF-8$|^1:2 the file holds the invisible character U\+0000$/,
    );
  });

  it("over 256 KiB, before anything is read", () => {
    const limit = 256 * 1024;
    expect(read("#".repeat(limit)).problems).toEqual([]);
    expect(read("#".repeat(limit + 1)).problems).toEqual(["1:1 the file is larger than 256 KiB"]);
  });

  it.each([
    ["lists in brackets", "[".repeat(100_000)],
    ["mappings in braces", "{a: ".repeat(50_000)],
    ["lists on one line", "- ".repeat(100_000)],
    ["explicit names", "? ".repeat(100_000)],
  ])("when %s are nested too deep, before the stack is", (_, text) => {
    expect(read(text).problems).toEqual([expect.stringContaining("nested too deep")]);
  });

  it("when aliases would multiply, at the first anchor", () => {
    const bomb = 'a: &a ["x"]\nb: &b [*a, *a]\nc: &c [*b, *b]\n';
    expect(read(bomb).problems).toEqual(["1:4 anchors (&) are not supported: write the value out"]);
  });
});

describe("a word without quotes", () => {
  it.each([
    ["~", null],
    ["null", null],
    ["Null", null],
    ["NULL", null],
    ["true", true],
    ["True", true],
    ["FALSE", false],
    ["0", 0],
    ["-7", -7],
    ["12", 12],
    ["999999999999999", 999_999_999_999_999],
    ["4h", "4h"],
    ["1h30m", "1h30m"],
    ["nULL", "nULL"],
    ["none", "none"],
    ["yesterday", "yesterday"],
    ["..", ".."],
    ["1.2.3", "1.2.3"],
    ["v1.2", "v1.2"],
    ["0xyz", "0xyz"],
    ["12-34", "12-34"],
    ["2026-11", "2026-11"],
    ["a=b", "a=b"],
    ["https://x.example:80/", "https://x.example:80/"],
  ])("%s means %j", (word, value) => {
    expect(read(`a: ${word}\n`)).toEqual({ value: { a: value }, problems: [] });
  });

  it.each([
    ["yes", "true or false"],
    ["No", "true or false"],
    ["ON", "true or false"],
    ["off", "true or false"],
    ["y", "true or false"],
    ["N", "true or false"],
    ["012", "a number"],
    ["+1", "a number"],
    ["1_000", "a number"],
    ["1.10", "a number"],
    ["1.", "a number"],
    [".5", "a number"],
    [".", "a number"],
    ["e2", "a number"],
    ["1e3", "a number"],
    ["-1.5E-3", "a number"],
    ["0x1F", "a number"],
    ["0o17", "a number"],
    ["0b101", "a number"],
    ["1234567890123456", "a number"],
    [".inf", "a number"],
    ["-.INF", "a number"],
    [".NaN", "a number"],
    ["22:30", "a number in base 60"],
    ["1:30:00.5", "a number in base 60"],
    ["2026-11-21", "a date"],
    ["2026-11-21T17:00:00Z", "a date"],
    ["2026-1-2 10:00", "a date"],
    ["=", "a default value"],
    ["?x", "the name of a member"],
    ["<<", "a merge key"],
  ])("%s is refused: it is %s to some readers", (word, means) => {
    expect(read(`a: ${word}\n`).problems).toEqual([
      `1:4 ${word} without quotes is ${means} to some readers of YAML: write "${word}"`,
    ]);
    expect(read(`a: "${word}"\n`)).toEqual({ value: { a: word }, problems: [] });
    expect(read(`a: '${word}'\n`)).toEqual({ value: { a: word }, problems: [] });
  });
});
