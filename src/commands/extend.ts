/**
 * `optout extend`: the same override for longer, as a new signed statement that names the old one. The
 * policy is asked as for a fresh one, approvals and limits included.
 */
import { extensionHorizon } from "../core/extension.ts";
import { standings } from "../core/state.ts";
import { findOverride } from "../operations/find.ts";
import type { Run } from "./command.ts";
import { recordingCommand } from "./issue.ts";
import { extensionOf } from "./issue-request.ts";

export const extendCommand: Run = recordingCommand({
  ask: async (call, setting, readView) => {
    const all = standings(await readView(), setting.now, setting.defaultBranch);
    const found = findOverride(all, call.args[0] ?? "", { command: "extend" });
    return [extensionOf(call, found, setting)];
  },
  lookBack: extensionHorizon,
});
