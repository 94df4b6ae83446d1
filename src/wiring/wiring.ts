/**
 * How a repository's CI files ask optout about stages, as plain data: what is in the files, where
 * it stands, and what could not be read. What it means for a policy is judged elsewhere.
 */
import type { ForgeName } from "../core/forge-name.ts";
import type { Action } from "../core/policy.ts";
import type { When } from "./when.ts";

/** A place in a file; lines count from 1. */
export interface Spot {
  readonly file: string;
  readonly line: number;
}

/** `check-or`: `optout check STAGE || COMMAND`. `component`: GitLab's CI/CD component. */
export type AskForm = "run" | "check" | "check-or" | "gate" | "action" | "component";

/** One place where a job asks about a stage. */
export interface Ask extends Spot {
  /** Null where the name is only known when the job runs (`$STAGE`). */
  readonly stage: string | null;
  readonly form: AskForm;
  /** What `check --action` names; absent where it names none, and asks for a skip. */
  readonly action?: Action;
  /** Null for a script of `package.json` that no job is seen to run. */
  readonly job: string | null;
}

/** A condition (`if:`) of a job or of one of its steps. */
export interface Condition extends Spot {
  readonly text: string;
}

export interface CiJob extends Spot {
  readonly platform: ForgeName;
  readonly name: string;
  /** What a run calls it where that is not `name`, expressions and all (GitHub's `name:`). */
  readonly label: string | null;
  /** Jobs of the same file that it needs. */
  readonly needs: readonly string[];
  /** Its own condition; null where it has none. */
  readonly condition: Condition | null;
  /** Its own and those of its steps. */
  readonly conditions: readonly Condition[];
  /** Actions and workflows that it uses, as written. */
  readonly uses: readonly (Spot & { readonly ref: string })[];
  /** Whether it runs where Node may lack or nothing may start, so that it cannot be relied on to ask. */
  readonly isForeign: boolean;
  /** The environment that it deploys to, where the file says it plainly. */
  readonly environment: string | null;
  /** The path of a workflow of this repository that it calls. */
  readonly calls: string | null;
  readonly when: When;
  /** Whether its token may push, where the file says it; else that is the repository's setting. */
  readonly access: TokenAccess | null;
  readonly asks: readonly Ask[];
}

export interface TokenAccess {
  /** Whether anything in the file lets the job push to its repository. */
  readonly mayPush: boolean;
  readonly line: number;
}

/** Something that a file includes from elsewhere, which is not read. */
export interface Unseen extends Spot {
  readonly what: string;
}

/** A file that could not be read. */
export interface Unreadable extends Spot {
  readonly why: string;
}

export interface Wiring {
  readonly files: readonly string[];
  readonly jobs: readonly CiJob[];
  /** Those of the jobs, and those of scripts that no job runs. */
  readonly asks: readonly Ask[];
  /** Those of `package.json`. */
  readonly scripts: readonly (Spot & { readonly name: string })[];
  readonly unseen: readonly Unseen[];
  readonly unreadable: readonly Unreadable[];
}

/** The files of a work tree or of a commit. */
export interface SourceTree {
  /** Paths of the regular files directly in a directory; none where there is no such directory. */
  list(directory: string): Promise<readonly string[]>;
  /** Null for what is not there, or is no regular file. */
  read(path: string): Promise<Uint8Array | null>;
}
