/**
 * The commands in a shell script, as far as a reader without a shell can tell: words, and what
 * stands between one command and the next. Good enough to see what is asked for; nothing is run.
 */
export interface ShellCommand {
  readonly words: readonly string[];
  /** `||`, `&&`, `;`, `|`, `&`, a line's end or the script's. */
  readonly end: string;
  /** Counted from 0, within the text. */
  readonly line: number;
}

/** Characters beyond which a script is read no further. */
const maxLength = 200_000;

export function commandsIn(script: string): readonly ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: string[] = [];
  let word: string | null = null;
  let line = 0;
  let start = 0;
  const endWord = (): void => {
    if (word === null) return;
    if (words.length === 0) start = line;
    words.push(word);
    word = null;
  };
  const endCommand = (end: string): void => {
    endWord();
    if (words.length > 0) commands.push({ words, end, line: start });
    words = [];
  };
  for (const [token] of script.slice(0, maxLength).matchAll(tokens)) {
    if (/^[ \t\r]/.test(token)) endWord();
    else if (token.startsWith("\\\n") || token.startsWith("\\\r\n")) endWord();
    else if (token.startsWith("#") && word === null) continue;
    else if (token === "\n") endCommand("\n");
    else if (/^[;&|()]/.test(token)) endCommand(token);
    else word = (word ?? "") + plain(token);
    line += token.split("\n").length - 1;
  }
  endCommand("");
  return commands;
}

const tokens =
  /\\\r?\n|\\[^]|'[^']*'|"(?:[^"\\]|\\[^])*"|\$\{\{[^}]*\}\}|\$\{[^}]*\}|\n|[ \t\r]+|\|\||&&|;;|[;&|()]|#[^\n]*|[^\s'"\\;&|()$#]+|[^]/g;

function plain(token: string): string {
  if (token.length > 1 && token.startsWith("'")) return token.slice(1, -1);
  if (token.length > 1 && token.startsWith('"')) return token.slice(1, -1);
  return token.length === 2 && token.startsWith("\\") ? token.slice(1) : token;
}
