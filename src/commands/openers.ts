/**
 * What a command may open. The composition gives each command these functions; a command opens what
 * it uses, when it uses it, and hands operations exactly that.
 */
import type { Account } from "../core/account.ts";
import type { OptoutError } from "../core/errors.ts";
import type { Policy } from "../core/policy.ts";
import type { PublicKey } from "../core/keys.ts";
import type { ForgeApi, SignIns } from "../forges/api.ts";
import type { JobFacts } from "../forges/forge.ts";
import type { HeadMemory } from "../log/head.ts";
import type { PolicyHistory } from "../log/audit-policies.ts";
import type { Channel } from "../core/channel.ts";
import type { Signer } from "../signers/signer.ts";
import type { OpenedChannel } from "../sinks/sink.ts";
import type { Store, Tail } from "../stores/store.ts";
import type { SourceTree } from "../wiring/wiring.ts";
import type { SetUpOpeners } from "./set-up.ts";

/** The repository that a command runs in. */
export interface Workplace {
  /** Top level of the work tree; null for a bare repository. */
  readonly root: string | null;
  /** The branch checked out; null when detached. */
  readonly branch: string | null;
  readonly sha: string | null;
  /** The remote that keeps the log and the trusted policy; null where there is none. */
  readonly remote: string | null;
  readonly repository: { readonly host: string; readonly name: string };
}

/** The policy on the trusted ref, and the log that it names. */
export interface OpenLog {
  readonly policy: Policy;
  readonly policyCommit: string;
  /** `.optout/policy.yaml at origin/HEAD`. */
  readonly policySource: string;
  readonly store: Store;
  readonly memory: HeadMemory;
  /** What was read ahead of the store, in the same trip as the policy. */
  readonly tail: Tail | null;
}

/** For hints only: nothing may be decided by it. */
export interface KnownLog {
  readonly policy: Policy;
  readonly tail: Tail;
  readonly defaultBranch: string | null;
}

export interface FoundKey {
  readonly key: PublicKey;
  readonly source: string;
  /**
   * `file`: made or given for optout; `ssh`: a key that its owner uses for ssh too; `ci`: a key file
   * made for CI, which no person signs with.
   */
  readonly kind: "file" | "ssh" | "ci";
  /** @throws `key-invalid`, `no-key` when the key is known, and cannot sign here */
  open(): Signer;
}

/** The keys there are to sign with, the preferred first, and why there are not more. */
export interface FoundKeys {
  readonly candidates: readonly FoundKey[];
  readonly problems: readonly OptoutError[];
}

export interface Openers extends SetUpOpeners {
  workplace(): Promise<Workplace>;
  /** @throws `policy-missing`, `policy-invalid`, and what the store's opening throws */
  log(): Promise<OpenLog>;
  keys(name: string | undefined): Promise<FoundKeys>;
  /**
   * What this clone knows of policy and log since they were last read, without asking anybody: old,
   * and judged by nobody. Null where that is nothing. Never throws.
   */
  knownLog(): Promise<KnownLog | null>;
  /** The branch that the remote's HEAD names; null where nothing tells. */
  defaultBranch(): Promise<string | null>;
  /**
   * The facts of the forge's job that this is; null outside of one.
   * @throws `config-invalid`, also where the clone is of another repository than the job
   */
  job(): Promise<JobFacts | null>;
  /**
   * Whether any copy of the policy says that the stage must not run while the log cannot be read: the
   * trusted one, the work tree's and, where the trouble is that the present one is of no use, the last
   * that was. A copy can tighten, none can loosen. Never throws.
   */
  stopsWhenUnreachable(stage: string, trouble: OptoutError | null): Promise<boolean>;
  /** The time of the remote's host; null where it does not tell. @throws what git throws */
  remoteTime(): Promise<{ readonly host: string; readonly time: number } | null>;
  signIns(): Promise<SignIns>;
  /** The forge of the remote, for whom is signed in. @throws `not-signed-in` */
  forge(): Promise<ForgeApi>;
  /** Whom the forge of the remote takes this user for; null where not signed in. */
  account(): Promise<Account | null>;
  history(log: OpenLog): Promise<PolicyHistory>;
  /**
   * A file in a commit of the clone, which is named as git's users name one.
   * @throws `not-found`, `policy-missing`
   */
  committedFile(
    ref: string,
    path: string,
  ): Promise<{ readonly commit: string; readonly bytes: Uint8Array }>;
  /** The channels as they are on this machine. Nothing is sent. */
  sinks(channels: readonly Channel[]): Promise<readonly OpenedChannel[]>;
  /**
   * What `use` finds in the files at each ref as the remote holds it; refs that it does not have are
   * left out. In a clone without a remote, the work tree stands for every ref.
   * @throws `unreachable`, `timeout` after `limitSeconds`, and what `use` throws
   */
  remoteTrees<T>(
    request: TreesRequest,
    use: (tree: SourceTree) => Promise<T>,
  ): Promise<ReadonlyMap<string, T>>;
}

export interface TreesRequest {
  readonly log: OpenLog;
  /** Full names; `HEAD` for the default branch, as the policy was read there. */
  readonly refs: readonly string[];
  readonly limitSeconds: number;
}
