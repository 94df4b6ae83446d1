/**
 * What a forge is to a job: where the facts about the job come from.
 *
 * Values come from the forge's variables and event file, never from the checkout.
 */
import type { Subject } from "../core/scope.ts";

/** A subject without its stage, and what a recorded use tells of the job. */
export interface JobFacts {
  readonly forge: string;
  readonly subject: Omit<Subject, "stage">;
  readonly ref: string;
  readonly attempt: number;
  readonly job: string;
  /** The repository, under each name by which git may reach it; none where the forge does not tell. */
  readonly repositories: readonly { readonly host: string; readonly name: string }[];
  /** The forge's immutable id of the repository; null where it tells none. */
  readonly repositoryId: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Forge {
  readonly name: string;
  /** The variable that is "true" in each of its jobs. */
  readonly mark: string;
  /**
   * The facts of the job.
   * @throws `config-invalid` where what tells of its place is missing or contradicts itself
   */
  facts(env: Environment): JobFacts;
}
