/**
 * Reads a policy: bytes in, fresh frozen values out, or every problem with its line and column.
 *
 * Form is checked by the shape; here is what takes two parts of the file to see. Deterministic, and
 * the only reader there is: the check in a job and the lint on a laptop judge alike.
 */
import { sha256Base64url } from "./crypto.ts";
import { OptoutError } from "./errors.ts";
import { isOnCurve, type PublicKey } from "./keys.ts";
import { logShape } from "./log-shape.ts";
import type { LogPlace, Policy, Principal } from "./policy.ts";
import { policyShape, type PolicyShape, type PrincipalShape } from "./policy-shape.ts";
import { policyWarnings } from "./policy-warnings.ts";
import type { Named } from "./shape-collections.ts";
import type { Place, Report } from "./yaml-text.ts";
import { readYaml, type YamlNode } from "./yaml-tree.ts";

/** One thing that is wrong with a policy. */
export interface PolicyProblem {
  /** Both counted from 1. */
  readonly line: number;
  readonly column: number;
  /** A clause without a full stop; names the member by its path. */
  readonly message: string;
}

/** So many problems stand in the message of an error; `cause` has them all. */
const problemsInMessage = 10;

/**
 * The policy that the bytes say.
 * @param name of the file, for messages: `.optout/policy.yaml at origin/main`
 * @throws `policy-invalid` with `name:line:column` and a sentence for each problem; its `cause` is
 *   the list of all of them
 */
export function parsePolicy(bytes: Uint8Array, name: string): Policy {
  const { policy, problems } = read(bytes);
  if (policy !== null) return policy;
  const lines = problems
    .slice(0, problemsInMessage)
    .map(({ line, column, message }) => `${name}:${line}:${column} ${message}`);
  const more = problems.length - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  throw new OptoutError("policy-invalid", lines.join("\n"), {
    hint: "optout policy check",
    cause: problems,
  });
}

/**
 * The place that a `log` of a policy would name.
 * @param text YAML, as it would stand behind `log:`
 * @throws `usage` with what is wrong with it
 */
export function parseLogPlace(text: string): LogPlace {
  const problems: string[] = [];
  const report = (_place: Place, message: string): void => {
    problems.push(message);
  };
  const root = readYaml(Buffer.from(text), report);
  const place = root === null ? undefined : logShape.read(root, "log", report);
  if (place !== undefined && problems.length === 0) return place;
  throw new OptoutError("usage", problems.join("\n"), { hint: "optout help init" });
}

/**
 * Everything that is wrong with a policy, in file order; empty when there is nothing. Beside what
 * keeps it from being read, this names keys under which nothing can ever be verified, for which
 * there is no time when a job checks.
 */
export function policyProblems(bytes: Uint8Array): readonly PolicyProblem[] {
  const { policy, shape, problems } = read(bytes);
  if (policy === null || shape === null) return problems;
  return shape.principals.flatMap(({ name, value }) =>
    value.keys.flatMap((key, i) => {
      if (isOnCurve(key.value)) return [];
      const message = `principals.${name}.keys[${i}]: the key is not a point on the curve`;
      return [{ ...key.place, message }];
    }),
  );
}

interface Reading {
  /** Null when there are problems. */
  readonly policy: Policy | null;
  readonly shape: PolicyShape | null;
  readonly problems: readonly PolicyProblem[];
}

function read(bytes: Uint8Array): Reading {
  const found: PolicyProblem[] = [];
  const report = (place: Place, message: string): void => {
    found.push(Object.freeze({ ...place, message }));
  };
  const root = readYaml(bytes, report);
  const newer = root === null ? null : newerVersion(root);
  if (newer !== null) return { policy: null, shape: null, problems: [newer] };
  const shape = root === null ? null : readShape(root, report);
  const owners = shape === null ? null : ownersOf(shape, report);
  const problems = found.toSorted((a, b) => a.line - b.line || a.column - b.column);
  if (shape === null || owners === null || problems.length > 0) {
    return { policy: null, shape, problems };
  }
  return { policy: build(bytes, shape, owners), shape, problems };
}

/** The only problem that is told of a file of a newer version: what else it holds is not known here. */
function newerVersion(root: YamlNode): PolicyProblem | null {
  const version = root.kind === "mapping" ? root.members.get("version")?.node : undefined;
  if (version?.kind !== "scalar" || typeof version.value !== "number" || version.value <= 1) {
    return null;
  }
  const message = `version ${version.value} needs a newer optout`;
  return Object.freeze({ ...version.place, message });
}

function readShape(root: YamlNode, report: Report): PolicyShape | null {
  if (root.kind === "scalar" && root.value === null) {
    report(root.place, "the policy is empty");
    return null;
  }
  return policyShape.read(root, "", report) ?? null;
}

type Owners = Pick<Policy, "principals" | "keys">;

/** Every key, account and id belongs to one only. */
function ownersOf(shape: PolicyShape, report: Report): Owners {
  const principals = new Map<string, Principal>();
  const keys = new Map<string, { readonly key: PublicKey; readonly owner: Principal }>();
  const accounts = new Map<string, Principal>();
  for (const entry of shape.principals) {
    const owner = principalOf(entry);
    principals.set(owner.id, owner);
    reportAccounts(entry, owner, accounts, report);
    for (const [i, { value: key, place }] of entry.value.keys.entries()) {
      const other = keys.get(key.kid);
      if (other !== undefined) {
        report(
          place,
          `principals.${owner.id}.keys[${i}] is ${alsoOf("a key", other.owner, owner)}`,
        );
      }
      keys.set(key.kid, Object.freeze({ key, owner }));
    }
  }
  reportRuleIds(shape, report);
  return { principals, keys };
}

function principalOf({ name: id, value, place }: Named<PrincipalShape>): Principal {
  return Object.freeze({
    id,
    name: value.name,
    kind: value.kind,
    roles: value.roles,
    keys: Object.freeze(value.keys.map((key) => key.value)),
    github: value.github?.value ?? null,
    gitlab: value.gitlab?.value ?? null,
    githubId: value.githubId?.value ?? null,
    gitlabId: value.gitlabId?.value ?? null,
    line: place.line,
  });
}

function reportAccounts(
  { value }: Named<PrincipalShape>,
  owner: Principal,
  accounts: Map<string, Principal>,
  report: Report,
): void {
  const { github, gitlab, githubId, gitlabId } = value;
  for (const [member, account] of Object.entries({
    github,
    gitlab,
    github_id: githubId,
    gitlab_id: gitlabId,
  })) {
    if (account === null) continue;
    const key = `${member}:${String(account.value).toLowerCase()}`;
    const other = accounts.get(key);
    if (other !== undefined) {
      report(
        account.place,
        `principals.${owner.id}.${member} is ${alsoOf("the account", other, owner)}`,
      );
    }
    accounts.set(key, owner);
  }
}

function alsoOf(what: string, other: Principal, owner: Principal): string {
  if (other === owner) return "given twice";
  return `also ${what} of ${other.id} (line ${other.line}), and would count twice`;
}

function reportRuleIds({ rules }: PolicyShape, report: Report): void {
  const lines = new Map<string, number>();
  for (const [i, { id }] of rules.entries()) {
    const line = lines.get(id.value);
    if (line !== undefined)
      report(id.place, `rules[${i}].id is also the id of the rule at line ${line}`);
    lines.set(id.value, id.place.line);
  }
}

function build(bytes: Uint8Array, shape: PolicyShape, owners: Owners): Policy {
  const stages = shape.stages.map(({ name: id, value, place }) => {
    return [id, Object.freeze({ id, ...value, line: place.line })] as const;
  });
  const policy = {
    version: shape.version,
    log: shape.log,
    ...owners,
    stages: new Map(stages),
    rules: Object.freeze(
      shape.rules.map((rule) =>
        Object.freeze({ ...rule, id: rule.id.value, line: rule.id.place.line }),
      ),
    ),
    mayRevoke: shape.mayRevoke.value,
    limits: shape.limits,
    signInClientId: shape.signInClientId,
    notify: Object.freeze(
      shape.notify.map(({ value, place }) => Object.freeze({ ...value, line: place.line })),
    ),
    freezes: Object.freeze(
      shape.freezes.map(({ value, place }) => Object.freeze({ ...value, line: place.line })),
    ),
    digest: sha256Base64url(bytes),
    text: Buffer.from(bytes).toString("utf8"),
  } as const;
  return Object.freeze({
    ...policy,
    // made when asked for: a check in a job never does
    get warnings() {
      return policyWarnings(policy, shape.mayRevoke.place.line);
    },
  });
}
