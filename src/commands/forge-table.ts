/**
 * The rows of the commands that talk to a forge.
 */
import type { Command, Flag } from "./command.ts";

const hostFlags: readonly Flag[] = [
  { name: "host", value: "HOST", help: "the forge's host or URL (default: the remote's)" },
  { name: "forge", value: "FORGE", choices: ["github", "gitlab"], help: "which kind it is" },
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
];
