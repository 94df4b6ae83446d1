/**
 * The JSON of an override: the same object from every command that prints one.
 *
 * Members may be added, never changed; `schemas.ts` says what they are. Times are RFC 3339.
 */
import type { Judged } from "../core/judge.ts";
import type { Action, ReasonCode } from "../core/policy.ts";
import { resultsOf, type Results } from "../core/results.ts";
import type { Standing, State } from "../core/state.ts";
import { formatUtc } from "../core/time.ts";
import { counted, type View } from "../core/view.ts";
import type { RepeatJson } from "./repeat-words.ts";
import type { ToldJson } from "./told-words.ts";

export interface OverrideJson {
  readonly kind: "optout/override";
  readonly v: 1;
  readonly id: string;
  readonly seq: number;
  readonly action: Action;
  readonly target: { readonly type: "stage"; readonly name: string };
  readonly scope: ScopeJson;
  readonly repository: string;
  readonly state: State;
  readonly reason: { readonly code: ReasonCode; readonly text: string };
  readonly tickets: readonly string[];
  readonly by: string;
  /** As `ssh-keygen -l` prints it. */
  readonly key: string;
  /** False: the key is no longer its author's in the policy, and all here is by the policy of then. */
  readonly keyInPolicy: boolean;
  readonly approvals: readonly {
    readonly by: string;
    readonly at: string;
    readonly seq: number;
  }[];
  readonly emergency: boolean;
  /** By people other than its author. */
  readonly reviews: readonly {
    readonly by: string;
    readonly at: string;
    readonly outcome: "ok" | "follow-up" | "misuse";
    readonly note: string;
    readonly seq: number;
  }[];
  /** What was added later. */
  readonly notes: readonly {
    readonly by: string;
    readonly at: string;
    readonly tickets: readonly string[];
    readonly text: string | null;
    readonly seq: number;
  }[];
  readonly issuedAt: string;
  readonly notBefore: string;
  readonly expiresAt: string;
  readonly once: boolean;
  readonly uses: number;
  /** The runs that recorded a use, in the order of their records. */
  readonly runs: readonly { readonly forge: string; readonly run: string }[];
  /** How runs ended that used it, where their jobs recorded it. */
  readonly results: Results;
  /** The policy that it is judged by. */
  readonly policy: {
    readonly rule: string | null;
    readonly digest: string;
    readonly commit: string;
  };
  /** The policy that its author went by, as the signed statement says. */
  readonly signedUnder: { readonly digest: string; readonly commit: string };
  readonly entry: { readonly hash: string; readonly store: string };
  /** Only from the commands that record one: what asks about the stage, place by place. */
  readonly effects?: readonly EffectJson[];
  /** Only from the commands that record one: null, or how often its stage is opted out of. */
  readonly repeat?: RepeatJson | null;
  /** Only from the commands that did something to it: who was told. */
  readonly told?: readonly ToldJson[];
}

/** One place in CI files that asks about a stage. */
export interface AskJson {
  readonly file: string;
  readonly line: number;
  readonly job: string | null;
  readonly form: string;
  /** Whether what it asks with does what the action says. */
  readonly obeys: boolean;
  /** The files whose runs have the job: its own, and those that call it. */
  readonly runFiles: readonly string[];
}

/** What asks about a stage in one place of a scope. */
export interface EffectJson {
  readonly action: Action;
  /** The branches and tags that were looked at, on the remote. */
  readonly on: readonly string[];
  /** Whether the scope has other branches, which were not looked at. */
  readonly others: boolean;
  readonly asks: readonly AskJson[];
  /** Those of jobs that the CI files keep from running there. */
  readonly notRun: readonly AskJson[];
  /** Why it could not be told; null where it could. */
  readonly doubt: string | null;
  /** The jobs that come after those that ask. */
  readonly behind: readonly { readonly file: string; readonly job: string }[];
}

export interface ScopeJson {
  readonly branches: readonly string[] | "*";
  readonly heads: readonly string[];
  readonly tags: readonly string[];
  readonly sha: string | null;
  readonly pr: number | null;
  readonly environment: string | null;
  readonly forks: boolean;
}

/** What the judgement of an override does not know. */
export interface OverrideContext {
  /** `github.com/acme/shop`. */
  readonly repository: string;
  readonly policyDigest: string;
  readonly policyCommit: string;
  /** `git:optout-log`. */
  readonly storeName: string;
  /** Fingerprint of the key that signed it. */
  readonly key: string;
  /** Which runs used it, as far as the view reaches. */
  readonly runs: OverrideJson["runs"];
  readonly results: Results;
  readonly reviews: OverrideJson["reviews"];
  readonly notes: OverrideJson["notes"];
}

export interface OverridesJson {
  readonly kind: "optout/overrides";
  readonly v: 1;
  readonly overrides: readonly object[];
}

/** What a command prints that did something to one override, or to several. */
export function oneOrAll(overrides: readonly object[]): object {
  const [only, ...others] = overrides;
  if (only !== undefined && others.length === 0) return only;
  return { kind: "optout/overrides", v: 1, overrides } satisfies OverridesJson;
}

export function overrideJson({ judged, state }: Standing, context: OverrideContext): OverrideJson {
  const { statement, seq, hash, author, approvals, rule, end } = judged;
  const { id, action, target, scope, reason, tickets, iat, nbf } = statement;
  const { repository, policyDigest, policyCommit, storeName, key, runs, results } = context;
  const { reviews, notes } = context;
  return {
    kind: "optout/override",
    v: 1,
    id,
    seq,
    action,
    target: { type: target.type, name: target.name },
    scope: scopeJson(scope),
    repository,
    state,
    reason: { code: reason.code, text: reason.text },
    tickets,
    by: author.id,
    key,
    keyInPolicy: !isByFormer(judged),
    approvals: approvals.map((one) => ({ by: one.by, at: formatUtc(one.at), seq: one.seq })),
    emergency: statement.emergency === true,
    reviews,
    notes,
    issuedAt: formatUtc(iat),
    notBefore: formatUtc(nbf),
    expiresAt: formatUtc(end),
    once: statement.once === true,
    uses: runs.length,
    runs,
    results,
    policy: { rule: rule?.id ?? null, digest: policyDigest, commit: policyCommit },
    signedUnder: { digest: statement.policy, commit: statement.policy_at },
    entry: { hash, store: storeName },
  };
}

/** What the context of every override of a view has in common. */
export type Source = Pick<OverrideContext, "repository" | "policyCommit" | "storeName">;

/** One that is judged by the policy of its time says which that was. */
export function sourceFor({ judged }: Standing, source: Source): Source {
  return isByFormer(judged) ? { ...source, policyCommit: judged.statement.policy_at } : source;
}

/** Whether the policy of now does not know its author by her key. */
export function isByFormer({ objections }: Pick<Judged, "objections">): boolean {
  return objections.some(({ code }) => code === "author-gone");
}

/** The context of one override in view. */
export function contextIn(view: View, judged: Judged, source: Source): OverrideContext {
  const verdict = view.at(judged.seq)?.verdict();
  return {
    ...source,
    policyDigest: view.policy.digest,
    key: verdict?.kind === "genuine" ? verdict.key.fingerprint : "",
    runs: runsIn(view, judged),
    results: resultsOf(view, judged),
    ...addedIn(view, judged),
  };
}

/** What people said about an override afterwards. */
function addedIn(
  view: View,
  { statement: { id }, author }: Judged,
): Pick<OverrideContext, "reviews" | "notes"> {
  const said = view.where("override", id).flatMap((reading) => {
    const statement = counted(view, reading)?.statement;
    return statement === undefined ? [] : [{ seq: reading.seq, statement }];
  });
  return {
    reviews: said.flatMap(({ seq, statement }) => {
      if (statement.kind !== "override.reviewed" || statement.by === author.id) return [];
      const { by, iat, outcome, note } = statement;
      return [{ by, at: formatUtc(iat), outcome, note, seq }];
    }),
    notes: said.flatMap(({ seq, statement }) => {
      if (statement.kind !== "note.added") return [];
      const { by, iat, tickets, note = null } = statement;
      return [{ by, at: formatUtc(iat), tickets, text: note, seq }];
    }),
  };
}

/** One use for each `(forge, run)`: an override is of one stage. */
function runsIn(view: View, { statement }: Judged): OverrideJson["runs"] {
  const runs = view.where("override", statement.id).flatMap((reading) => {
    const used = counted(view, reading)?.statement;
    if (used?.kind !== "override.used") return [];
    const { forge, run } = used.context;
    return [[JSON.stringify([forge, run]), { forge, run }] as const];
  });
  return [...new Map(runs).values()];
}

/** A scope with all its members. */
export function scopeJson(scope: Judged["statement"]["scope"]): ScopeJson {
  return {
    branches: scope.branches ?? [],
    heads: scope.heads ?? [],
    tags: scope.tags ?? [],
    sha: scope.sha ?? null,
    pr: scope.pr ?? null,
    environment: scope.environment ?? null,
    forks: scope.forks === true,
  };
}
