/**
 * When a job runs, as its file says it: plain data, which `runs.ts` holds against a place.
 */

/** One event of a workflow's `on:`, with its filters; null where it has none of that kind. */
export interface Trigger {
  readonly event: string;
  readonly branches: readonly string[] | null;
  readonly branchesIgnore: readonly string[] | null;
  readonly tags: readonly string[] | null;
  readonly tagsIgnore: readonly string[] | null;
}

/** One of GitLab's `rules`. */
export interface PipelineRule {
  /** Null where it has none, and so matches. */
  readonly condition: string | null;
  /** Whether more than the condition has a say that cannot be told from the files: `changes`, `exists`. */
  readonly unsure: boolean;
  /** `when: never`. */
  readonly never: boolean;
}

/** GitLab's `only` or `except`. */
export interface RefFilter {
  /** Null where it names none. */
  readonly refs: readonly string[] | null;
  /** Whether it has other members too: `variables`, `changes`, `kubernetes`. */
  readonly more: boolean;
}

export type When =
  | { readonly kind: "unknown" }
  /** Any of the triggers starts it; none never does. */
  | { readonly kind: "triggers"; readonly triggers: readonly Trigger[] }
  | {
      readonly kind: "rules";
      /** Of the whole pipeline; null where it has none. */
      readonly workflow: readonly PipelineRule[] | null;
      /** The job's own; null where it has none, and `only` and `except` count. */
      readonly rules: readonly PipelineRule[] | null;
      readonly only: RefFilter | null;
      readonly except: RefFilter | null;
    };

/** What can be told from files alone. */
export type Likely = "yes" | "no" | "maybe";
