/**
 * What optout asks of a forge's API, and tells it: one small interface for both.
 *
 * Nothing of it is used by a check. Texts that come from a forge were written by others.
 */
import type { Account } from "../core/account.ts";
import type { ForgeName } from "../core/forge-name.ts";
import type { Subject } from "../core/scope.ts";
import type { UnixSeconds } from "../core/policy.ts";

/** A forge's server. */
export interface ForgeHost {
  readonly forge: ForgeName;
  /** As remotes name it: lower case, without a port. */
  readonly host: string;
  /** `https://gitlab.example.com`, with its port and path. */
  readonly serverUrl: string;
}

/** What a user is told to type, and where, to sign in from another device. */
export interface Verification {
  readonly code: string;
  readonly url: string;
}

/** A token that a forge gave out. */
export interface Grant {
  readonly token: string;
  readonly refresh: string | null;
  /** Seconds; null where it does not end. */
  readonly expiresIn: number | null;
  /** The application that it was given to; null for a token that the user made. */
  readonly clientId: string | null;
}

/** Whom a token belongs to. */
export interface SignedIn extends Account {
  /** A machine's account; not a person who overrides. */
  readonly isBot: boolean;
}

/** A public key that an account has for signatures. */
export interface SigningKey {
  readonly title: string;
  /** An OpenSSH line. */
  readonly line: string;
}

/** What a run or a job is doing, in words that both forges share. */
export type Progress =
  | "queued"
  | "running"
  /** It waits for a lock that another run holds (`concurrency`, resource group). */
  | "locked"
  /** It waits for somebody to review an environment. */
  | "blocked"
  | "manual"
  /** A maintainer has to let it start, for who wrote the change is not known yet. */
  | "unapproved"
  | "red"
  | "cancelled"
  | "green";

/** Where a run belongs, as a check in one of its jobs is told. */
export type RunPlace = Pick<Subject, "branch" | "head" | "tag" | "sha" | "pr" | "fork">;

/** A pull request that a merge queue took up. */
export interface Queued {
  readonly pr: number;
  /** The forge's own name of it, for its queue. */
  readonly id: string;
  /** The head that was queued. */
  readonly sha: string | null;
}

/** A workflow run, or a pipeline. */
export interface Run {
  readonly id: string;
  /** For people: `ci #17`. */
  readonly name: string;
  readonly url: string;
  /** The workflow's file; null where the forge names none. */
  readonly file: string | null;
  readonly place: RunPlace;
  /** How it began; a run of a merge queue cannot be run again. */
  readonly origin: "push" | "pull" | "queue";
  /** Whom a run of the merge queue was for, as far as that is told. */
  readonly queued: Queued | null;
  readonly progress: Progress;
  /** When that began. */
  readonly since: UnixSeconds;
  /** The forge's name of what it runs on, for a new one. */
  readonly ref: string;
}

export interface Job {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly progress: Progress;
  readonly since: UnixSeconds;
  /** Whether it only starts a pipeline of its own (GitLab's trigger jobs). */
  readonly isTrigger: boolean;
  /** Whether its image could not be had, so that none of its steps ran. */
  readonly lacksImage: boolean;
}

/** A request that changes something, as data, so that it can be shown before it is sent. */
export interface ForgeCall {
  readonly method: "POST" | "PUT" | "PATCH";
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** What became of a call: the HTTP status, and the forge's sentence where it refuses. */
export interface CallResult {
  readonly status: number;
  readonly message: string | null;
}

export interface Comment {
  readonly id: string;
  readonly text: string;
  /** The account's login. */
  readonly by: string;
}

export interface CommitStatus {
  readonly sha: string;
  readonly context: string;
  readonly state: "success" | "pending" | "failure";
  readonly description: string;
  readonly url: string;
  /** GitLab only: without it a status can create a new green pipeline. */
  readonly pipeline?: string;
  readonly ref?: string;
}

/** An environment that a run waits for. */
export interface Awaited {
  readonly id: string;
  readonly environment: string;
  readonly mayReview: boolean;
}

/** An open pull request that waits for a status which nobody has set. */
export interface Unreported {
  readonly pr: number;
  readonly url: string;
  readonly place: RunPlace;
}

export interface RunsWanted {
  /** Which places are of interest; runs of others are left out as early as the forge lets. */
  readonly isWanted: (place: RunPlace) => boolean;
  readonly progress: readonly Progress[];
  readonly since: UnixSeconds;
}

/** The changes that a run can be given, as the forge's requests. */
export interface ForgeCalls {
  cancel(run: Run, job: Job | null, force: boolean): ForgeCall;
  rerunJob(job: Job): ForgeCall;
  /** The whole run again; a new one where the forge has no such thing. */
  rerunRun(run: Run): ForgeCall;
  /** Null where the forge has no manual jobs. */
  play(job: Job): ForgeCall | null;
  /** Into the merge queue again. */
  enqueue(queued: Queued): ForgeCall;
  review(run: Run, awaited: Awaited, comment: string): ForgeCall;
  status(status: CommitStatus): ForgeCall;
}

/** What an API is opened with. */
export interface ApiSetting {
  readonly host: string;
  readonly apiUrl: string;
  readonly token: string;
  /** `owner/name`; null where only the account is of interest. */
  readonly repository: string | null;
  readonly deadline: AbortSignal;
}

/** A repository on a forge, as somebody who is signed in. */
export interface ForgeApi {
  readonly forge: ForgeName;
  readonly host: string;
  /** @throws `not-signed-in` when the token is not accepted */
  whoAmI(): Promise<SignedIn>;
  signingKeys(login: string): Promise<readonly SigningKey[]>;
  /** The newest run of each change that is not gone, where its progress is wanted; the newest first. */
  runs(wanted: RunsWanted): Promise<readonly Run[]>;
  run(id: string): Promise<Run>;
  jobs(run: Run): Promise<readonly Job[]>;
  awaited(run: Run): Promise<readonly Awaited[]>;
  /** Where the branch that receives the change demands a status of this name. */
  unreported(context: string, isWanted: RunsWanted["isWanted"]): Promise<readonly Unreported[]>;
  comments(pr: number): Promise<readonly Comment[]>;
  createComment(pr: number, text: string): Promise<Comment>;
  editComment(pr: number, id: string, text: string): Promise<Comment>;
  readonly calls: ForgeCalls;
  /**
   * Sends a call. A refusal (4xx) is a result.
   * @throws `unreachable`, `timeout`: then it is not known whether it was carried out
   */
  send(call: ForgeCall): Promise<CallResult>;
}

/** Signing in and out. Tokens are handed on, and never shown. */
export interface SignIns {
  /**
   * The forge of a host.
   * @param name a host or a URL
   * @throws `usage` where it is no host, or may be either forge
   */
  at(name: string, forge: ForgeName | null): ForgeHost;
  /** By what is known of a host, else by its name: for words to people, never for a token. */
  likelyForge(host: string): ForgeName | null;
  /** By a code that the user enters elsewhere. @throws `not-signed-in`, `unreachable`, `timeout` */
  grant(
    at: ForgeHost,
    clientId: string,
    tell: (verification: Verification) => void,
  ): Promise<Grant>;
  /** Asks the forge whose the token is, then keeps it; where, for people. */
  keep(
    at: ForgeHost,
    grant: Grant,
  ): Promise<{ readonly account: SignedIn; readonly where: string }>;
  /** False where there was nothing to forget. */
  forget(host: string): Promise<boolean>;
  /** Hosts that were signed in to by `optout login`. */
  hosts(): readonly string[];
  /** Where the token for a host comes from; null where there is none. */
  source(host: string): Promise<string | null>;
  /** By which git reaches a server that somebody is signed in to; none for any other. */
  gitSettings(url: string): Promise<readonly { readonly key: string; readonly value: string }[]>;
  /** @throws `not-signed-in` where there is no token for the host */
  api(repository: { readonly host: string; readonly name: string }): Promise<ForgeApi>;
}
