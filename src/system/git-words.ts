/**
 * What git said, fit to be shown: without credentials, control characters and advice.
 *
 * The words are for people. Nothing is ever decided by them.
 */

const longest = 600;

/** The words in which git, or the host behind it, failed; null when it said nothing. */
export function failureWords(stderr: string): string | null {
  const lines = cleanLines(stderr);
  const end = lines.findLastIndex((line) => /^(fatal|error): /.test(line));
  const told = end < 0 ? lines.slice(-1) : lines.slice(Math.max(0, end - 1), end + 1);
  return joined(told.map((line) => line.replace(/^(fatal|error): /, "")));
}

/** The words in which a host refused a push: its own lines, then the refusal of the ref. */
export function refusalWords(porcelain: string, stderr: string): string | null {
  const remote = cleanLines(stderr)
    .filter((line) => line.startsWith("remote:"))
    .map((line) => line.slice("remote:".length).trim());
  const refused = cleanLines(porcelain)
    .filter((line) => line.startsWith("!"))
    .map((line) => line.split("\t").at(-1) ?? "");
  return joined([...remote, ...refused]);
}

/** Takes user names, passwords, tokens and authorization headers out of a text. */
export function withoutCredentials(text: string): string {
  return text
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/'"]*@/gi, "$1")
    .replaceAll(/(authorization\s*[:=]\s*)(basic|bearer|token|negotiate)?\s*\S+/gi, "$1[hidden]")
    .replaceAll(
      /([?&](?:\w*token|password|passwd|secret|api_?key|sig\w*)=)[^&\s'"]+/gi,
      "$1[hidden]",
    );
}

function cleanLines(text: string): readonly string[] {
  return withoutCredentials(text)
    .split(/[\n\r]+/)
    .map((line) => printable(line).trim())
    .filter((line) => line !== "" && line !== "remote:");
}

/** Without escape sequences, control characters and marks that turn the reading direction. */
function printable(line: string): string {
  return (
    line
      // oxlint-disable-next-line eslint/no-control-regex -- control characters are what it removes
      .replaceAll(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "")
      // oxlint-disable-next-line eslint/no-control-regex -- as above
      .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "")
  );
}

function joined(lines: readonly string[]): string | null {
  const text = lines
    .filter((line) => line !== "")
    .join("; ")
    .replace(/\.$/, "");
  if (text === "") return null;
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
