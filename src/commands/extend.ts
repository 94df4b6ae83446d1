/**
 * `optout extend`: the same override for longer, as a new signed statement that names the old one. The
 * policy is asked as for a fresh one, approvals and limits included.
 */
import { extensionHorizon, isSameOptOut } from "../core/extension.ts";
import { isOpen, standings, type Standing } from "../core/state.ts";
import { findOverride } from "../operations/find.ts";
import type { Run } from "./command.ts";
import { recordingCommand } from "./issue.ts";
import { extensionOf } from "./issue-request.ts";

export const extendCommand: Run = recordingCommand({
  ask: async (call, setting, readView) => {
    const all = standings(await readView(), setting.now, setting.defaultBranch);
    const found = findOverride(all, call.args[0] ?? "", { command: "extend" });
    return [extensionOf(call, lastOf(all, found), setting)];
  },
  lookBack: extensionHorizon,
});

/** What extends it already, or it itself: two extensions from the same end would be as long as one. */
function lastOf(all: readonly Standing[], found: Standing): Standing {
  const { seq, statement } = found.judged;
  if (!isOpen(found.state) && found.state !== "expired") return found;
  const next = all.findLast(
    ({ judged, state }) =>
      judged.statement.supersedes === statement.id &&
      judged.seq > seq &&
      isOpen(state) &&
      isSameOptOut(judged.statement, statement),
  );
  return next === undefined ? found : lastOf(all, next);
}
