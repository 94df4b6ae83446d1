/**
 * The rows of the commands that talk to a forge.
 */
import { forgeNames } from "../core/forge-name.ts";
import type { Command, Flag } from "./command.ts";
import { keyFlag } from "./issue-flags.ts";

const hostFlags: readonly Flag[] = [
  { name: "host", value: "HOST", help: "the forge's host or URL (default: the remote's)" },
  { name: "forge", value: "FORGE", choices: forgeNames, help: "which kind it is" },
];

const rerunFlags: readonly Flag[] = [
  { name: "queued-for", value: "DURATION", help: "when a queued run is taken for stuck (10m)" },
  { name: "running-for", value: "DURATION", help: "when a running one is taken for hung (1h)" },
  { name: "force-after", value: "DURATION", help: "when to cancel by force (5m)" },
];

export const forgeCommands: readonly Command[] = [
  {
    name: "login",
    group: "SET UP",
    summary: "sign in to GitHub or GitLab",
    about: [
      "optout takes GH_TOKEN or GITHUB_TOKEN, GITLAB_TOKEN, a sign-in by this command, and the one of gh or glab, in that order. Signing in is needed to run jobs again, to comment, and where a rule says forge_account: match. Nothing that a job checks needs it.",
      "Without --with-token the forge gives a code that you enter in a browser anywhere (device flow), in the name of an application: --client-id, or sign_in.client_id of the policy. The token is kept in the keychain of the system where its tool is there (secret-tool, security), else in a file that you alone can read; it says where.",
      "A token is sent only to github.com, GHE.com, gitlab.com and hosts that you signed in to here, or that the environment names (GH_HOST, GITLAB_HOST).",
    ],
    args: [],
    flags: [
      ...hostFlags,
      { name: "client-id", value: "ID", help: "the application of the device flow" },
      { name: "with-token", help: "read a token from standard input" },
    ],
    examples: [
      { line: "optout login --client-id Iv1.8a61f9b3a7aba766", does: "by a code in a browser" },
      {
        line: "optout login --host gitlab.example.com --with-token",
        does: "self-managed, with a token on standard input",
      },
    ],
    json: "optout/login",
    timeoutSeconds: 900,
    load: async () => (await import("./login.ts")).login,
  },
  {
    name: "logout",
    group: "SET UP",
    summary: "forget the sign-in to a forge",
    args: [],
    flags: hostFlags,
    examples: [{ line: "optout logout", does: "of the remote's host" }],
    load: async () => (await import("./login.ts")).logout,
  },
  {
    name: "keys import",
    group: "SET UP",
    summary: "propose the signing keys of an account on the forge for the policy",
    about: [
      "Prints the change of the work tree's policy as a diff; --yes writes it. It counts once it is on the default branch.",
    ],
    args: [{ name: "user" }],
    flags: [
      { name: "from", value: "FORGE", choices: forgeNames, help: "the remote's forge" },
      { name: "as", value: "NAME", help: "the principal (default: the one with that account)" },
    ],
    examples: [{ line: "optout keys import --from github alice", does: "shows what would change" }],
    load: async () => (await import("./keys-import.ts")).importKeys,
  },
  {
    name: "rerun",
    group: "OTHER",
    summary: "run again what is red, queued or hung where an override is in force",
    about: [
      "Looks at the newest run of each branch, tag and open pull request that an override in force covers, and does what its state needs: run the job that asks optout again, or the whole run; cancel what is queued without a runner or hangs, by force after five minutes; approve an environment of the stage itself; start a manual job; else it prints the link. Done again, it does only what is left.",
      "The intent is recorded in the log before anything is sent, and each answer after it. --dry-run prints the requests. Without a sign-in it prints where the runs are.",
      "Exit 0 when all was done, 1 when the forge refused something, 4 without a sign-in, 124 when a run has not ended yet.",
    ],
    args: [{ name: "stage-or-run" }],
    flags: [
      ...rerunFlags,
      { name: "dry-run", short: "n", help: "print the requests; send none" },
      keyFlag,
    ],
    examples: [
      { line: "optout rerun lint", does: "after a skip of lint" },
      { line: "optout rerun 17230948121 --dry-run", does: "one run, by its number or URL" },
    ],
    json: "optout/rerun",
    timeoutSeconds: 600,
    load: async () => (await import("./rerun.ts")).rerunCommand,
  },
];
