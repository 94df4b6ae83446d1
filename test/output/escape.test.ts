import fc from "fast-check";
import { describe, expect, it } from "vitest";

import * as escape from "../../src/output/escape.ts";
import {
  forCommitSubject,
  forCsv,
  forJson,
  forSarif,
  forTerminal,
  forTerminalBlock,
  forTsv,
  forXml,
  shorten,
} from "../../src/output/escape.ts";
import { hostileTexts } from "../support/hostile.ts";

type Sink =
  "terminal" | "terminal-block" | "commit-subject" | "tsv" | "csv" | "json" | "sarif" | "xml";

const escapers: Readonly<Record<Sink, escape.Escape>> = {
  terminal: forTerminal,
  "terminal-block": (text) => forTerminalBlock(text, "  "),
  "commit-subject": (text) => forCommitSubject(text),
  tsv: forTsv,
  csv: forCsv,
  json: (text) => forJson(JSON.stringify(text)),
  sarif: forSarif,
  xml: forXml,
};

const invisible =
  /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** What a CI system obeys when a job prints it. */
const ciCommand = /^\s*::|##\w*\[/m;

/** What no output of the sink may hold, each with its name. */
const refused: Readonly<Record<Sink, Readonly<Record<string, RegExp>>>> = {
  terminal: {
    invisible,
    "a second line": /\n/,
    "a command to CI": ciCommand,
    "marks on marks": /\p{M}{9}/u,
  },
  "terminal-block": {
    invisible,
    "a command to CI": ciCommand,
    "a line at the margin": /(?:^|\n)(?! {2})/,
  },
  "commit-subject": {
    invisible,
    "a second line": /\n/,
    "a comment": /^#/,
    "a command to CI": ciCommand,
    "an order to CI": /\[[^\]]*\b(?:skip|no|ci)\b[^\]]*\]|\*\*\*/i,
    "a mention": /(?:^|[^\w])@\w/,
    "more than its length": /^[^]{161}/u,
  },
  tsv: {
    invisible,
    "a command to CI": ciCommand,
    "a second line": /\n/,
    "a second cell": /\t/,
    "a formula": /^\s*[=+\-@＝＋－＠]./u,
  },
  csv: {
    invisible,
    "a command to CI": ciCommand,
    "a second cell": /^(?!"(?:[^"]|"")*"$)/u,
    "a formula": /^"\s*[=+\-@＝＋－＠\t\r]/u,
    "a formula in a later line": /\n\s*[=+\-@＝＋－＠]/u,
    "a formula after a semicolon": /;\s*[=+\-@＝＋－＠]/u,
  },
  json: { invisible, "a command to CI": ciCommand, "a second line": /\n/ },
  sarif: {
    invisible,
    "a command to CI": ciCommand,
    "a second line": /\n/,
    "a link or a placeholder": /[[\]{}]/,
  },
  xml: {
    invisible,
    "a command to CI": ciCommand,
    "a second line": /\n/,
    "an element": /[<>]/,
    "an end of the attribute": /"/,
    "an entity of its own": /&(?!(?:amp|lt|gt|quot);)/,
  },
};

const sinks = Object.entries(refused).flatMap(([sink, rules]) =>
  Object.entries(rules).map(([what, pattern]) => ({ sink: sink as Sink, what, pattern })),
);

/** Strings of every kind of code unit, dense in what is dangerous. */
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(
      fc.oneof(
        fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
        fc.constantFrom("\u001B[", "\u009B", "\u202E", "\u200D", "\uFE0F", "\r\n", "\n", "\t"),
        fc.constantFrom(
          "##[",
          "::",
          "=",
          ";",
          '"',
          "@",
          "#",
          "[",
          "]",
          "***",
          "ci",
          "skip",
          "🔥",
          "\u0301",
          "x",
          " ",
        ),
      ),
    )
    .map((parts) => parts.join("")),
);

it("has a promise for every escaper", () => {
  const names = Object.keys(escapers).map((sink) => `for${sink.replaceAll("-", "")}`);
  const exported = Object.keys(escape).filter((name) => name.startsWith("for"));

  expect(exported.map((name) => name.toLowerCase()).toSorted()).toEqual(
    names.map((name) => name.toLowerCase()).toSorted(),
  );
});

describe.each(sinks)("the escaper for $sink", ({ sink, what, pattern }) => {
  it(`lets no ${what} of the hostile corpus through`, () => {
    const passed = hostileTexts.filter(({ text }) => pattern.test(escapers[sink](text)));

    expect(passed.map((one) => one.what)).toEqual([]);
  });

  it(`lets no ${what} through, whatever the text`, () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapers[sink](text)).not.toMatch(pattern);
      }),
    );
  });
});

describe("text on a terminal", () => {
  it("is shown as it is when it is plain", () => {
    expect(forTerminal("eslint crash on TS 7 (see #977)")).toBe("eslint crash on TS 7 (see #977)");
  });

  it("keeps letters, signs and emoji of every language", () => {
    const text = "Überlauf in naïve_parser — 全角文字, שלום, नमस्ते, 🔥 👍🏽 🇩🇪";

    expect(forTerminal(text)).toBe(text);
  });

  it("shows a control as its number instead of obeying it", () => {
    expect(forTerminal("\u001B[31mred\u0007")).toBe(String.raw`\u{1b}[31mred\u{7}`);
  });

  it("shows what cannot be seen as its number", () => {
    expect(forTerminal("a\u202Eb\u200Bc\u2028d\uD83D")).toBe(
      String.raw`a\u{202e}b\u{200b}c\u{2028}d\u{d83d}`,
    );
  });

  it("shows line ends as a sign where there is one line", () => {
    expect(forTerminal("first\nsecond\r\nthird\n")).toBe("first ⏎ second ⏎ third");
  });

  it("keeps line ends and indents every line where there are several", () => {
    expect(forTerminalBlock("first\n\u001B[2Asecond\n", "    ")).toBe(
      `    first\n    ${String.raw`\u{1b}`}[2Asecond`,
    );
  });

  it("shows the parts of an emoji side by side, so that every terminal agrees on its width", () => {
    expect(forTerminal("👩‍💻 ⚠️ 🏳️‍🌈 1️⃣")).toBe("👩💻 ⚠ 🏳🌈 1⃣");
  });

  it("leaves a joiner visible where it joins no emoji", () => {
    expect(forTerminal("pass\u200Dword")).toBe(String.raw`pass\u{200d}word`);
  });

  it("breaks what a CI system would obey, and nothing that only resembles it", () => {
    expect(forTerminal("::error::x")).toBe(String.raw`\u{3a}:error::x`);
    expect(forTerminal("see ##[add-mask]x")).toBe(String.raw`see #\u{23}[add-mask]x`);
    expect(forTerminal("std::string in C++ ## and #412")).toBe("std::string in C++ ## and #412");
  });

  it("gives a leading mark a letter of its own, so that it does not change what stands before", () => {
    expect(forTerminal("\u0301x")).toBe("◌\u0301x");
  });

  it("cuts marks that would grow into other lines", () => {
    expect(forTerminal(`Z${"\u0301".repeat(40)}!`)).toBe(`Z${"\u0301".repeat(8)}…!`);
  });
});

describe("the subject of a commit", () => {
  it("is the text when it is plain", () => {
    expect(forCommitSubject("revoke #412 (alice)")).toBe("revoke #412 (alice)");
  });

  it("orders nothing from a CI and mentions nobody", () => {
    expect(forCommitSubject("[skip ci] for @alice ***NO_CI***, mail a@b.example")).toBe(
      "(skip ci) for (at)alice *NO_CI*, mail a@b.example",
    );
  });

  it("is not a comment of git", () => {
    expect(forCommitSubject("## hidden")).toBe("hidden");
  });

  it("is cut to its length, counted in characters", () => {
    expect(forCommitSubject("🔥".repeat(20), 5)).toBe("🔥🔥🔥🔥…");
  });
});

describe("a cell of tab-separated values", () => {
  it("names tabs and line ends", () => {
    expect(forTsv("a\tb\nc\r\nd")).toBe(String.raw`a\tb\nc\nd`);
  });

  it.each(["=1+1", "+1", "-2+3", "@SUM(A1)", " =1", "＝1"])("is no formula: %s", (text) => {
    expect(forTsv(text)).toBe(`'${text}`);
  });

  it("leaves a lone sign alone", () => {
    expect(forTsv("-")).toBe("-");
  });
});

describe("a JSON document", () => {
  it("says exactly the same with every invisible character escaped", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(JSON.parse(escapers.json(text))).toBe(text);
      }),
    );
  });

  it("escapes a C1 control that JSON itself would let through", () => {
    expect(escapers.json("\u009B31m\u{E0041}")).toBe(String.raw`"\u009b31m\udb40\udc41"`);
  });
});

describe("shortened text", () => {
  it("is left alone when it fits", () => {
    expect(shorten("🔥🔥", 2)).toBe("🔥🔥");
  });

  it("ends with a sign that something is missing", () => {
    expect(shorten("abcdef", 4)).toBe("abc…");
  });
});
