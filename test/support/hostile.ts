/**
 * Texts that somebody may put into a reason, a name or a server's answer to do harm where they are
 * shown. One corpus for every sink: whoever adds a sink runs all of them through it.
 */

export interface Hostile {
  readonly what: string;
  readonly text: string;
}

const hostile = (what: string, text: string): Hostile => ({ what, text });

export const hostileTexts: readonly Hostile[] = [
  hostile("ANSI colour and cursor", "\u001B[31mred\u001B[0m\u001B[2A\u001B[2Kgone"),
  hostile("OSC title and link", "\u001B]0;title\u0007\u001B]8;;https://evil.example\u001B\\x"),
  hostile("OSC clipboard", "\u001B]52;c;cm0gLXJmIC8=\u0007"),
  hostile("C1 control sequence introducer", "a\u009B31mb\u0090q\u009C"),
  hostile("carriage return that rewrites the line", "all bad\r✓ all good"),
  hostile("backspaces", "rm\u0008\u0008ls"),
  hostile("NUL", "before\u0000after"),
  hostile("workflow command", "::set-output name=x::1"),
  hostile("workflow command on a line of its own", "fine\n::error file=x,line=1::broken"),
  hostile(
    "workflow command after other line ends",
    "a\r\n::add-mask::b\u0085::c\u2028::d\u2029::e",
  ),
  hostile("workflow command of the old form", "see ##[stop-commands]x ##[add-mask]e"),
  hostile("commands of other CI systems", "##vso[task.complete]x ##teamcity[message text='x']"),
  hostile("percent escapes of workflow commands", "%0A::error::%25"),
  hostile("heredoc delimiter", "x\nEOF\nPATH=/evil\nghadelimiter_1"),
  hostile("end of an environment file's line", "x\nNODE_OPTIONS=--require /evil.js"),
  hostile("chat mentions", "<!channel> <!here> @everyone @here <@U012345> @alice"),
  hostile("chat link", "<https://evil.example|https://good.example>"),
  hostile("spreadsheet formula", '=HYPERLINK("https://evil.example";"click")'),
  hostile("spreadsheet formula with a plus", "+1+cmd|' /C calc'!A0"),
  hostile("spreadsheet formula with a minus", "-2+3"),
  hostile("spreadsheet formula with an at sign", "@SUM(1+1)"),
  hostile("spreadsheet formula after a space", " =1+1"),
  hostile("spreadsheet formula in full width", "＝1+1"),
  hostile("script", "<script>alert(1)</script>"),
  hostile("HTML attribute", '"><img src=x onerror=alert(1)>'),
  hostile("HTML comment and entity", "<!-- &lt;b&gt; -->"),
  hostile("Markdown image", "![x](https://evil.example/beacon.png)"),
  hostile("Markdown link, table and code", "[a](javascript:1) | b | `c` ``` d"),
  hostile("Markdown heading", "# not a heading\n## nor this"),
  hostile("quotation that ends early", 'x" (INC-1)   policy trusted @ 0000000'),
  hostile("skip order to CI", "[skip ci] [ci skip] [no ci] [skip actions] ***NO_CI***"),
  hostile("trailer", "x\n\nSigned-off-by: Mallory <m@evil.example>\nskip-checks: true"),
  hostile("comment of a commit message", "# everything after this is gone"),
  hostile("tabs", "a\tb\t\tc"),
  hostile("right-to-left override", "user\u202Etxt.exe"),
  hostile(
    "every bidi control",
    "\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069\u200E\u200F\u061C",
  ),
  hostile("zero width", "in\u200Bvis\u200Ci\u200Dble\u2060\uFEFF"),
  hostile("soft hyphen and fillers", "a\u00AD\u034F\u115F\u1160\u17B4\u180E\u3164\uFFA0\u2800b"),
  hostile("tag characters", "ok\u{E0041}\u{E0042}\u{E007F}"),
  hostile("variation selectors that carry bytes", "a\uFE00\uFE01\u{E0100}\u{E0101}"),
  hostile("annotation and private use", "\uFFF9a\uFFFAb\uFFFB\uE000\u{F0000}"),
  hostile("2,000 emoji", "🔥".repeat(2000)),
  hostile("emoji made of parts", "👩‍💻 ⚠️ 🏳️‍🌈 👍🏽 1️⃣ 🇩🇪"),
  hostile("combining marks", `Z${"\u0301".repeat(500)}algo`),
  hostile("a mark with nothing before it", "\u0301\u20DDx"),
  hostile("a very long word", "x".repeat(5000)),
  hostile("a lone high surrogate", "a\uD83D"),
  hostile("a lone low surrogate", "\uDD25b"),
  hostile("nothing but blanks", " \u00A0\u2003\u3000\n\n"),
  hostile("nothing", ""),
  hostile("quotes and a shell", "'; rm -rf / #`$(id)`\\"),
  hostile("right to left script", "שלום עולם 123"),
  hostile("East Asian wide", "全角文字とｶﾅ 한국어"),
];
