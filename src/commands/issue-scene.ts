/**
 * What a writing command has at hand once everything is read: who signs, the log, what is asked for.
 */
import { OptoutError } from "../core/errors.ts";
import type { Policy } from "../core/policy.ts";
import { repeatWithinSeconds } from "../core/repeats.ts";
import type { Statement } from "../core/statement.ts";
import type { View } from "../core/view.ts";
import type { Issuer, IssueRequest } from "../operations/issue.ts";
import type { Io } from "../output/io.ts";
import type { Source } from "../output/override-json.ts";
import type { Repeat } from "../output/repeat-words.ts";
import { titleOf } from "../output/title.ts";
import { accountFor } from "./account.ts";
import { withBranch } from "./ask-branch.ts";
import type { Call } from "./command.ts";
import type { Effect } from "./effect.ts";
import type { Setting } from "./issue-request.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { firstView, limitSeconds } from "./read-log.ts";
import { reasonOf } from "./reason.ts";
import { sourceOf } from "./source.ts";
import type { Announced } from "./telling.ts";
import { withAnswer } from "./typed.ts";
import { openWriter } from "./writer.ts";

/** What a command line asks for. @param readView reads the log, at most once */
type Ask = (
  call: Call,
  setting: Setting,
  readView: () => Promise<View>,
) => Promise<readonly IssueRequest[]>;

/** How a command line asks, and how far back it must look for that, beyond what every writer sees. */
export interface Asking {
  readonly ask: Ask;
  /** Seconds. */
  readonly lookBack?: (policy: Policy) => number;
}

/** By stage. */
export type Effects = ReadonlyMap<string, readonly Effect[]>;

export interface Scene {
  /** What was typed, and what was answered. */
  readonly call: Call;
  readonly log: OpenLog;
  readonly issuer: Issuer;
  readonly view: View;
  readonly requests: readonly IssueRequest[];
  readonly source: Source;
}

export interface Recording extends Scene {
  readonly open: Openers;
  /** By stage. */
  readonly effects: Promise<Effects>;
  readonly redRuns: Promise<ReadonlyMap<string, number>>;
  /** By stage; none where it is not opted out of again and again. */
  readonly repeats: ReadonlyMap<string, Repeat>;
}

export interface Announcement extends Recording {
  readonly announced: Announced;
}

/** Reads what the command line needs, the log at most once. */
export async function prepareScene(
  typed: Call,
  { ask, lookBack }: Asking,
  io: Io,
  open: Openers,
): Promise<Scene> {
  if (typed.has("rerun") && typed.has("json")) {
    throw new OptoutError("usage", "--rerun and --json exclude each other", {
      hint: `optout rerun ${typed.args.join(" ")} --json   afterwards`,
    });
  }
  const reason = await reasonOf(typed, io, open);
  const [workplace, defaultBranch, log] = await Promise.all([
    open.workplace(),
    open.defaultBranch(),
    open.log(),
  ]);
  const { policy } = log;
  const call = await withBranch(withAnswer(typed, "reason", reason), io, open, {
    workplace,
    defaultBranch,
  });
  const setting = { policy, workplace, defaultBranch, reason, now: io.now(), zone: io.zone };
  const atLeastSeconds = Math.max(limitSeconds(policy), lookBack?.(policy) ?? 0);
  let reading: Promise<View> | undefined;
  const readView = (): Promise<View> =>
    (reading ??= firstView(log, io, { atLeastSeconds, gladlySeconds: repeatWithinSeconds }));
  const requests = await ask(call, setting, readView);
  const [writer, view, account] = await Promise.all([
    openWriter(open, log, io, { keyName: call.text("key"), atLeastSeconds }),
    readView(),
    accountFor(open, requests, { policy, defaultBranch }),
  ]);
  const issuer = {
    writer,
    defaultBranch,
    account,
    title: (statement: Statement) => titleOf(statement),
  };
  return { call, log, issuer, view, requests, source: await sourceOf(log, open) };
}
