/** Foreign text in chats, mails and comments. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import * as escape from "../../src/output/escape-chat.ts";
import { forComment, forMail, forSlack, forTeams } from "../../src/output/escape-chat.ts";
import { hostileTexts } from "../support/hostile.ts";

type ChatSink = "slack" | "teams" | "mail" | "comment";

const escapers: Readonly<Record<ChatSink, (text: string) => string>> = {
  slack: forSlack,
  teams: forTeams,
  mail: forMail,
  comment: forComment,
};

const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** What no output of the sink may hold, each with its name. */
const refused: Readonly<Record<ChatSink, Readonly<Record<string, RegExp>>>> = {
  slack: {
    invisible,
    "a link, or a call to everybody": /[<>]/,
    "an entity that is none of the three": /&(?!amp;|lt;|gt;)/,
  },
  teams: { invisible, "a function of cards": /\{\{|\}\}/, "a mention": /<\/?at\b/i },
  mail: { invisible, "a second header": /[\r\n]/ },
  comment: {
    invisible,
    "Markdown or HTML": /[^\w\s\u0080-\u{10FFFF}&;#/<>]|<(?!\/?code>)|(?<!code)>/u,
    "anything outside of code": /^(?!<code>.*<\/code>$|$)/s,
    "code that ends early": /<\/code>./s,
  },
};

const rules = Object.entries(refused).flatMap(([sink, patterns]) =>
  Object.entries(patterns).map(([what, pattern]) => ({ sink: sink as ChatSink, what, pattern })),
);

it("has a promise for every escaper", () => {
  expect(new Set<unknown>(Object.values(escapers))).toEqual(new Set(Object.values(escape)));
});

describe.each(rules)("the escaper for $sink", ({ sink, what, pattern }) => {
  it(`lets no ${what} of the hostile corpus through`, () => {
    const passed = hostileTexts.filter(({ text }) => pattern.test(escapers[sink](text)));

    expect(passed.map((one) => one.what)).toEqual([]);
  });

  it(`lets no ${what} through, whatever the text`, () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.constantFrom("<", ">", "!", "{", "}", "at", "&", "@", "`", "\n", "a")),
    );
    fc.assert(
      fc.property(text, (given) => {
        const whole = typeof given === "string" ? given : given.join("");
        expect(escapers[sink](whole)).not.toMatch(pattern);
      }),
    );
  });
});

describe("plain text", () => {
  it.each(["slack", "teams", "mail"] as const)("stays as it is in %s", (sink) => {
    expect(escapers[sink]("eslint crash on TS 7 (#977)")).toBe("eslint crash on TS 7 (#977)");
  });

  it("names calls to everybody in Slack without making them", () => {
    expect(forSlack("<!channel> & <@U01>")).toBe("&lt;!channel&gt; &amp; &lt;@U01&gt;");
  });

  it("stands in code in a comment, where no mention is looked for", () => {
    expect(forComment("@alice, see #1")).toBe("<code>&#64;alice&#44; see &#35;1</code>");
  });
});
