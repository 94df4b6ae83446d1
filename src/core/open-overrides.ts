/**
 * Overrides that are open: they wait, are in force or will be. Writers and audits hold the policy's
 * limits against how many there are.
 */
import { certain } from "./clock.ts";
import { isSameOptOut } from "./extension.ts";
import { createdIn, judgeIn, type Created } from "./judge.ts";
import type { UnixSeconds } from "./policy.ts";
import { isOpen, stateOf } from "./state.ts";
import type { View } from "./view.ts";

/** Whether it waits, is in force or will be, in any place of its scope. A hold never counts. */
export function isOpenAt(
  view: View,
  created: Created,
  at: UnixSeconds,
  defaultBranch: string | null,
): boolean {
  if (created.statement.action === "hold") return false;
  const clock = certain(at);
  return judgeIn(view, created, clock, defaultBranch).some((judged) => isOpen(stateOf(judged)));
}

/** Those that no other of them extends: an override and its extension are one. */
export function withoutExtended(open: readonly Created[]): readonly Created[] {
  return open.filter((one) => !open.some((other) => goesOnFrom(other, one)));
}

function goesOnFrom({ statement }: Created, { statement: old }: Created): boolean {
  return statement.supersedes === old.id && isSameOptOut(statement, old);
}

/** The open ones of a stage, or of a person, in log order. */
export function openIn(
  view: View,
  of: { readonly stage: string } | { readonly author: string },
  at: UnixSeconds,
  defaultBranch: string | null,
): readonly Created[] {
  const all = "stage" in of ? createdIn(view, of.stage) : createdIn(view);
  const wanted = all.filter(
    ({ genuine }) => !("author" in of) || genuine.principal.id === of.author,
  );
  return withoutExtended(wanted.filter((created) => isOpenAt(view, created, at, defaultBranch)));
}
