/**
 * Why not, in words: one sentence for each objection. Light: the check path loads it.
 */
import { formatDuration } from "../core/duration.ts";
import type { Objection, ObjectionCode } from "../core/objection.ts";
import { formatUtcMinute } from "../core/time.ts";
import { forTerminal } from "./escape.ts";
import { redact } from "./redact.ts";

/** Who asked: the reader herself, or the override that is judged. */
export type Voice = "you" | "it";

type ByCode = { readonly [O in Objection as O["code"]]: O };
type Words<C extends ObjectionCode> = (objection: ByCode[C], voice: Voice) => string;

/** `longest allowed is 1h, you asked for 1d`. No full stop, no colour. */
export function objectionWords(objection: Objection, voice: Voice = "you"): string {
  return speak(objection.code, objection, voice);
}

/** The compiler asks for the row of every code. */
const words: { readonly [C in ObjectionCode]: Words<C> } = {
  "not-seen": ({ seq }) => `what its author saw at #${seq} is not in the log`,
  "key-revoked": ({ kid }) => `the key ${forTerminal(kid.slice(0, 12))}… was revoked`,
  "author-gone": ({ by, isKeyKnown }) =>
    isKeyKnown
      ? `its key is no longer that of ${forTerminal(by)} in the policy`
      : `its key, of ${forTerminal(by)}, is no longer in the policy`,
  "out-of-scope": () => "made for another place",
  "no-rule": () => "no rule of the policy fits",
  never: ({ action, line }) => `no one may ever ${action} this stage (line ${line} of the policy)`,
  action: ({ allowed }) => `the rule allows ${list(allowed, "and")} only`,
  who: ({ roles }) => `only ${list(roles, "or")} may do this`,
  "too-long": ({ longest, asked }, voice) =>
    `longest allowed is ${formatDuration(longest)}, ${voice} asked for ${formatDuration(asked)}`,
  "reason-too-short": ({ min }) => `the reason needs at least ${counted(min, "character")}`,
  "reason-code": ({ allowed }) => `the code of the reason must be ${list(allowed, "or")}`,
  "ticket-missing": ({ pattern }) => `needs a ticket that matches ${forTerminal(pattern)}`,
  "ticket-mismatch": ({ pattern, ticket }) =>
    `ticket ${forTerminal(ticket)} does not match ${forTerminal(pattern)}`,
  "no-emergency": () => "the rule allows no emergency",
  account: ({ expected, found }) => {
    if (found === null) return "you are not signed in to the forge: optout login";
    const named =
      expected === null ? "names no account of yours there" : `says ${forTerminal(expected)}`;
    return `you are signed in as ${forTerminal(found)}, and the policy ${named}`;
  },
  limit: ({ total, within, used }) =>
    `the stage may be overridden for ${formatDuration(total)} within ${formatDuration(within)}, ` +
    `and ${formatDuration(used)} of it are taken`,
  irreversible: ({ line }) =>
    `what this stage does cannot be undone, so no emergency (line ${line} of the policy)`,
  "too-many-open": ({ per, most, open }) =>
    `${counted(most, "override")} of ${per === "stage" ? "the stage" : "yours"} may be open at the same time, ` +
    `and ${open.map((seq) => `#${seq}`).join(", ")} ${open.length === 1 ? "is" : "are"}`,
  "not-extendable": ({ why }) => extensionFaults[why],
  "too-many-extensions": ({ most, made }) =>
    most === 0
      ? "the policy allows no extension"
      : `it may be extended ${times(most)}, and was ${times(made)}`,
  "extended-too-long": ({ longest, taken }) =>
    `with its extensions it may last ${formatDuration(longest)}, and ${formatDuration(taken)} of it are taken`,
  approvals: ({ or = [], ...first }) =>
    `needs ${[first, ...or]
      .map(
        ({ needed, have, from }) =>
          `${counted(needed, "approval")} from ${list(from, "or")} (${have} so far)`,
      )
      .join(", or ")}`,
  "approvals-too-late": ({ needed, have }) =>
    `the time for approvals is over: ${have} of ${needed} came`,
  "not-announced": () => "waits for its announcement to be delivered",
  revoked: ({ seq, by }) => `revoked by ${forTerminal(by)} (#${seq})`,
  denied: ({ seq, by }) => `denied by ${forTerminal(by)} (#${seq})`,
  doubt: ({ seq }) => `#${seq} may end it and cannot be verified`,
  "used-up": ({ run }) => `already used by run ${forTerminal(run)}`,
  "use-not-recorded": ({ why }) => `its use could not be recorded: ${forTerminal(redact(why))}`,
  frozen: ({ freeze, line }) =>
    `the freeze ${forTerminal(freeze)} is above it (line ${line} of the policy)`,
  "not-started": ({ start }) => `starts at ${formatUtcMinute(start)}`,
  expired: ({ end }) => `expired at ${formatUtcMinute(end)}`,
  clock: () => "the clock of this machine is in doubt",
};

const extensionFaults = {
  unknown: "what it would extend is not in the log",
  other: "what it would extend is of another stage, action or scope",
  ended: "what it would extend was revoked or denied",
} as const;

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);

/** The code is an argument of its own so that the compiler sees that the row fits it. */
function speak<C extends ObjectionCode>(code: C, objection: ByCode[C], voice: Voice): string {
  return words[code](objection, voice);
}

function list(names: readonly string[], last: "and" | "or"): string {
  const all = names.map(forTerminal);
  if (all.length === 0) return "nothing";
  return all.length === 1 ? all.join() : `${all.slice(0, -1).join(", ")} ${last} ${all.at(-1)}`;
}

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;
