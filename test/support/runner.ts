/**
 * What a runner of GitHub Actions makes of what a step prints and writes, after the rules of
 * `ActionCommand.cs` and `FileCommandManager.cs` of actions/runner; and what GitLab makes of a dotenv
 * report, after `parse_dotenv_artifact_service.rb`.
 */

export interface WorkflowCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** The commands in a log, of both forms. */
export function workflowCommands(log: string): readonly WorkflowCommand[] {
  return log.split(/\r?\n/).flatMap((line) => {
    const found = /^\s*::([^\s:]+)(?: ((?:(?!::).)*))?::(.*)$/.exec(line);
    const old = /##\[([^\s\]]+)([^\]]*)\](.*)$/.exec(line);
    const [, name, properties = "", data = ""] = found ?? old ?? [];
    if (name === undefined) return [];
    const pairs: readonly (readonly [string, string])[] = properties.split(",").flatMap((pair) => {
      const [key = "", value] = pair.split("=", 2);
      return value === undefined ? [] : [[key, unescape(value)] as const];
    });
    return [{ name, properties: Object.fromEntries<string>(pairs), data: unescape(data) }];
  });
}

const unescape = (text: string): string =>
  text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");

/** The pairs of an environment or output file. @throws where the runner would fail the step */
export function fileCommands(text: string): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line === "") continue;
    const [equals, heredoc] = [line.indexOf("="), line.indexOf("<<")];
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      pairs.push([line.slice(0, equals), line.slice(equals + 1)]);
      continue;
    }
    const delimiter = line.slice(heredoc + 2);
    if (heredoc <= 0 || delimiter === "") throw new Error(`invalid format: ${line}`);
    const end = lines.indexOf(delimiter, at + 1);
    if (end < 0) throw new Error(`no end of ${line}`);
    pairs.push([line.slice(0, heredoc), lines.slice(at + 1, end).join("\n")]);
    at = end;
  }
  return pairs;
}

/** The variables of a dotenv report. @throws where GitLab would refuse it */
export function dotenvVariables(text: string): Readonly<Record<string, string>> {
  const lines = text.replace(/\n$/, "").split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const [, key, value = ""] = /^(.*?)=(.*)$/.exec(line) ?? [];
      if (key === undefined) throw new Error(`invalid format: ${line}`);
      return [key.trim(), value.trim()];
    }),
  );
}
