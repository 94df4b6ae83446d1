/**
 * Foreign text made harmless for what CI systems read: the data of a workflow command, a step
 * summary, and the names and values that a job hands on. Beside `escape.ts`, so that a plain check
 * does not load it.
 */
import { forTerminal } from "./escape.ts";

/** The data of a workflow command, on one line (`ActionCommand.cs` of actions/runner). */
export function forCommandData(text: string): string {
  return forTerminal(text).replaceAll("%", "%25");
}

/**
 * One cell or line of a step summary. Every mark that Markdown or HTML could obey is an entity, so
 * there is no link, picture, table, mention or tag in it.
 */
export function forSummary(text: string): string {
  return forTerminal(text).replace(/[!-/:-@[-`{-~]/g, (mark) => `&#${mark.codePointAt(0) ?? 0};`);
}

/** An output of a step. What stands between the two delimiters is its value, whatever it is. */
export function outputBlock(name: string, value: string, delimiter: string): string {
  if (/[\n\r=<]/.test(name) || name === "" || value.includes(delimiter)) {
    throw new Error("an output cannot be written safely");
  }
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}

/**
 * A line of a dotenv report of GitLab, which knows neither quotes nor escapes nor comments: so only
 * plain words are written.
 */
export function dotenvLine(name: string, value: string): string {
  if (!/^[A-Z][A-Z0-9_]*$/.test(name) || !/^[a-z-]{1,64}$/.test(value)) {
    throw new Error("a variable cannot be written safely");
  }
  return `${name}=${value}\n`;
}
