/**
 * The exit codes: the one table. Help, docs and tests are made from it or compared with it.
 */

export const exitCodes = {
  ok: { status: 0, meaning: "done; `check`: in force; `verify`: intact; `policy can-i`: yes" },
  failure: {
    status: 1,
    meaning: "unexpected error; `doctor`: something is red; `policy test`: a case failed",
  },
  usage: {
    status: 2,
    meaning:
      "bad flags, missing value without a terminal, unknown stage, invalid policy or config file",
  },
  refused: { status: 3, meaning: "the policy or an approver says no; `run`: a hold is in force" },
  auth: { status: 4, meaning: "no usable key or sign-in" },
  integrity: {
    status: 5,
    meaning:
      "the log contradicts itself or what was seen before, wrong log id, unknown version; `verify`: findings",
  },
  unavailable: {
    status: 6,
    meaning: "store, forge or network not reachable; a retry may help",
  },
  conflict: { status: 7, meaning: "the log moved on and the retries ran out: try again" },
  pending: {
    status: 8,
    meaning: "recorded, waits for approval; `policy can-i`: yes, once approved",
  },
  enforced: { status: 10, meaning: "`check`: no override for this stage" },
  rejected: {
    status: 11,
    meaning: "`check`: an override exists but does not apply; the reasons are printed",
  },
  timeout: { status: 124, meaning: "`--wait` or `--timeout` ran out" },
  interrupted: { status: 130, meaning: "Ctrl-C; says whether anything was recorded" },
} as const;

export type ExitName = keyof typeof exitCodes;

/** The exit status of a name in the table. */
export function exitStatus(name: ExitName): number {
  return exitCodes[name].status;
}
