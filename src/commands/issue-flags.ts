/**
 * The flags of everything that is asked of the policy: where, why and for how long.
 */
import { reasonCodes } from "../core/policy.ts";
import type { Call, Flag } from "./command.ts";

export const noteFlag: Flag = {
  name: "reason",
  short: "m",
  value: "TEXT",
  help: "a note on why",
};
export const dryRunFlag: Flag = {
  name: "dry-run",
  short: "n",
  help: "show what would be recorded, and all that follows; write nothing",
};
export const keyFlag: Flag = {
  name: "key",
  value: "NAME",
  help: "sign with this key: its name, fingerprint or comment",
};

export const scopeFlags: readonly Flag[] = [
  { name: "branch", value: "B", repeatable: true, help: "the branch that receives the change" },
  { name: "all-branches", help: "every receiving branch" },
  { name: "head", value: "B", repeatable: true, help: "the branch a change comes from" },
  { name: "tag", value: "T", repeatable: true, help: "pipelines of this tag" },
  {
    name: "sha",
    value: "S",
    help: "only this commit; of a pull or merge request the last one of its branch",
  },
  {
    name: "pr",
    value: "N",
    help: "only this pull or merge request, before it is in a merge queue",
  },
  { name: "env", value: "E", help: "the environment (default: the stage's own)" },
  { name: "forks", help: "pull requests from forks too" },
];

export const issueFlags: readonly Flag[] = [
  { name: "reason", short: "m", value: "TEXT", help: "why; - reads standard input" },
  { name: "code", value: "CODE", choices: reasonCodes, help: `one of ${reasonCodes.join(", ")}` },
  { name: "ticket", value: "ID", repeatable: true, help: "a ticket, checked by the policy" },
  { name: "for", value: "DURATION", help: "how long: 90m, 2h, 1h30m, 1d, PT2H" },
  { name: "until", value: "TIME", help: "until when: 18:00, 18:00+01:00, RFC 3339" },
  ...scopeFlags,
  { name: "once", help: "ends also after one run used it" },
  { name: "from", value: "TIME", help: "starts later, at most 7 days ahead" },
  { name: "emergency", help: "in force before approval, where the policy allows it" },
  {
    name: "confirm",
    value: "STAGE",
    repeatable: true,
    help: "the stage once more, where what it does cannot be undone",
  },
  { name: "wait", help: "until it is approved (exit 0) or not (exit 3); --timeout says how long" },
  {
    name: "require-wired",
    help: "record nothing unless a CI file is seen to ask about the stage, and obeys",
  },
  { name: "rerun", help: "run again what is red, queued or hung in scope (optout help rerun)" },
  dryRunFlag,
  {
    name: "key",
    value: "NAME",
    help: "sign with this key: its name, fingerprint or comment (see optout keys list)",
  },
];

/** The flags of a line that say where, from when and by which key, as they were typed. */
export function placeWords(call: Call): readonly string[] {
  return [...scopeFlags.map(({ name }) => name), "from", "key", "repo"].flatMap((name) =>
    call.texts(name).flatMap((text) => (text === "" ? [`--${name}`] : [`--${name}`, text])),
  );
}
