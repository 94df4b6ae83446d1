/**
 * The shape of the policy: one declaration, from which come the reading with its errors and the
 * JSON Schema for editors. What depends on several parts (a key under two principals) is checked in
 * `policy-parse.ts`.
 */
import { asOptoutError } from "./errors.ts";
import { parseWeekly, weeklyPattern } from "./freeze.ts";
import { parseSshPublicKey, sshPublicKeyPattern, type PublicKey } from "./keys.ts";
import { logShape } from "./log-shape.ts";
import type {
  Freeze,
  NotifyChannel,
  Policy,
  Principal,
  Stage,
  FreezeTime,
  UnixSeconds,
} from "./policy.ts";
import { action, match, nameForm, names, nameShape, stageIdForm } from "./policy-words.ts";
import { limits, noLimits } from "./limits-shape.ts";
import { ruleShape, type RuleShape } from "./rule-shape.ts";
import { isDateAndTime, parseTime, secondsAhead } from "./time.ts";
import {
  choice,
  integer,
  map,
  parsed,
  placed,
  text,
  truth,
  type Placed,
  type Shape,
} from "./shape.ts";
import {
  list,
  mapping,
  oneOrMore,
  openMapping,
  optional,
  record,
  required,
  withDefault,
  type Named,
} from "./shape-collections.ts";

/** What the file says of a principal: members as in `Principal`, where they need no other part. */
export interface PrincipalShape extends Pick<Principal, "name" | "kind" | "roles"> {
  readonly github: Placed<string> | null;
  readonly gitlab: Placed<string> | null;
  readonly githubId: Placed<number> | null;
  readonly gitlabId: Placed<number> | null;
  readonly keys: readonly Placed<PublicKey>[];
}

/** What the file says, each part checked for itself. */
export interface PolicyShape extends Pick<Policy, "version" | "log" | "limits" | "signInClientId"> {
  readonly mayRevoke: Placed<readonly string[]>;
  readonly principals: readonly Named<PrincipalShape>[];
  readonly stages: readonly Named<Omit<Stage, "id" | "line">>[];
  readonly rules: readonly RuleShape[];
  readonly notify: readonly Placed<Omit<NotifyChannel, "line">>[];
  readonly freezes: readonly Placed<Omit<Freeze, "line">>[];
}

const maxKeys = 16;
const maxPrincipals = 2_000;

const account = text({
  what: "the name of an account",
  pattern: "[A-Za-z0-9_][A-Za-z0-9._-]*(?:\\[bot\\])?",
});

const accountNumber = placed(integer(1, Number.MAX_SAFE_INTEGER));

const principal: Shape<PrincipalShape> = map(
  mapping({
    name: optional(text({ what: "a person's name", maxLength: 100 })),
    kind: withDefault<Principal["kind"]>(choice(["person", "ci"]), "person"),
    roles: withDefault(names, Object.freeze([])),
    github: optional(placed(account)),
    gitlab: optional(placed(account)),
    github_id: optional(accountNumber),
    gitlab_id: optional(accountNumber),
    keys: required(
      list(placed(parsed("an OpenSSH public key", sshPublicKeyPattern, parseSshPublicKey)), {
        most: maxKeys,
      }),
    ),
  }),
  ({ github_id: githubId, gitlab_id: gitlabId, ...rest }) => ({ ...rest, githubId, gitlabId }),
);

const stage = map(
  mapping(
    {
      kind: required(nameShape),
      environment: optional(text({ what: "the name of an environment" })),
      never: withDefault(list(action, { distinct: true }), Object.freeze([])),
      prefer: optional(action),
      when_unreachable: optional(choice(["run", "stop"])),
      irreversible: withDefault(truth, false),
      rollback: optional(text({ what: "a command", maxLength: 500 })),
    },
    ({ never, prefer }, problem) => {
      if (prefer !== null && never.includes(prefer)) {
        problem("prefer", `is ${prefer}, which the stage's never forbids`);
      }
    },
  ),
  ({ when_unreachable: whenUnreachable, ...rest }) => ({
    ...rest,
    whenUnreachable: whenUnreachable ?? (rest.kind === "deploy" ? "stop" : "run"),
  }),
);

const signIn: Shape<string> = map(
  mapping({
    client_id: required(text({ what: "a client id", pattern: "[A-Za-z0-9._-]{1,128}" })),
  }),
  ({ client_id: clientId }) => clientId,
);

/** Where `may_revoke` is left out. */
const nobody: Placed<readonly string[]> = {
  value: Object.freeze([]),
  place: { line: 1, column: 1 },
};

/** What a job needs of a channel: its name, by which records speak of it. */
const channel = map(
  openMapping({ to: required(nameShape), name: optional(nameShape) }),
  ({ declared: { to, name }, others }) => ({ to, name: name ?? to, settings: others }),
);

interface DeclaredFreeze {
  readonly from: string | null;
  readonly until: string | null;
  readonly weekly: readonly string[] | null;
  readonly zone: string;
}

const freeze: Shape<Omit<Freeze, "line">> = map(
  mapping(
    {
      id: required(nameShape),
      from: optional(text({ what: "a time" })),
      until: optional(text({ what: "a time" })),
      weekly: optional(
        oneOrMore(text({ what: "a time like fri 16:00 to mon 08:00", pattern: weeklyPattern })),
      ),
      zone: withDefault(text({ what: "a time zone" }), "UTC"),
      match: required(match),
      except: optional(match),
    },
    (found, problem) => {
      const { from, until, weekly } = found;
      if (weekly === null ? from === null || until === null : (from ?? until) !== null) {
        problem("id", "needs from and until, or weekly");
      } else freezeTimes(found, problem);
    },
  ),
  ({ id, match: matched, except, ...declared }) => ({
    id,
    zone: declared.zone,
    match: matched,
    except,
    times: Object.freeze(freezeTimes(declared, () => undefined)),
  }),
);

/** The times that it names; what is wrong with them is told. */
function freezeTimes(
  { from, until, weekly, zone }: DeclaredFreeze,
  problem: (name: "from" | "until" | "weekly" | "zone", message: string) => void,
): readonly FreezeTime[] {
  try {
    secondsAhead(zone, 0);
  } catch {
    problem("zone", "is no time zone that is known, like Europe/Berlin");
    return [];
  }
  const moment = (name: "from" | "until", written: string): UnixSeconds => {
    if (!isDateAndTime(written)) {
      problem(name, "must be a date with a time, like 2026-12-20T18:00");
      return 0;
    }
    try {
      return parseTime(written, 0, zone);
    } catch (thrown) {
      problem(name, `is wrong: ${asOptoutError(thrown).message}`);
      return 0;
    }
  };
  if (from !== null && until !== null) {
    const [start, end] = [moment("from", from), moment("until", until)];
    if (start >= end && start > 0 && end > 0) problem("until", "is not after from");
    return [{ kind: "span", from: start, until: end }];
  }
  return (weekly ?? []).flatMap((written): readonly FreezeTime[] => {
    const time = parseWeekly(written);
    if (time !== null) return [time];
    problem("weekly", `${JSON.stringify(written)} names no time that there is`);
    return [];
  });
}

/** The whole file. */
export const policyShape: Shape<PolicyShape> = map(
  mapping({
    version: required(map(integer(1, 1), () => 1 as const)),
    log: required(logShape),
    principals: required(record(nameForm, principal, maxPrincipals)),
    stages: required(record(stageIdForm, stage)),
    rules: required(list(ruleShape)),
    may_revoke: withDefault(placed(names), nobody),
    limits: withDefault(limits, noLimits),
    sign_in: optional(signIn),
    notify: withDefault(list(placed(channel)), Object.freeze([])),
    freezes: withDefault(list(placed(freeze)), Object.freeze([])),
  }),
  ({ may_revoke: mayRevoke, sign_in: signInClientId, ...rest }) => ({
    ...rest,
    mayRevoke,
    signInClientId,
  }),
);
