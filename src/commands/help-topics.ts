/**
 * The pages of `optout help` that are not about a command.
 */
import { exitCodes } from "../core/exit.ts";
import { items, paragraph, section, type Item } from "./help-layout.ts";

export interface Topic {
  readonly name: string;
  readonly summary: string;
  readonly blocks: () => readonly string[];
}

export const topics: readonly Topic[] = [
  { name: "exit-codes", summary: "what each exit status means", blocks: exitCodeBlocks },
  { name: "environment", summary: "variables that optout reads", blocks: environmentBlocks },
  { name: "policy", summary: "who may do what, and where that is written", blocks: policyBlocks },
  { name: "scope", summary: "where an override applies", blocks: scopeBlocks },
];

function exitCodeBlocks(): readonly string[] {
  const rows = Object.entries(exitCodes).map(([name, { status, meaning }]) => ({
    term: `${String(status).padStart(3)}  ${name}`,
    text: meaning,
  }));
  return [
    "Exit codes",
    items(rows),
    paragraph(
      "optout check exits 0 only when an override is in force, so `optout check lint || npm run lint` runs lint in every doubt.",
    ),
    paragraph(
      "optout run passes the exit status of its command on: 127 when the command is not found, 126 when it cannot be run.",
    ),
  ];
}

const variables: readonly (readonly [string, readonly Item[]])[] = [
  [
    "KEYS",
    [
      { term: "OPTOUT_KEY", text: "the private key itself, PEM or JWK; for CI" },
      { term: "OPTOUT_KEY_FILE", text: "a file with the private key, PEM or JWK" },
      { term: "OPTOUT_KEY_PASSPHRASE", text: "opens the key where it is encrypted" },
      {
        term: "SSH_AUTH_SOCK",
        text: "the ssh agent, unless IdentityAgent of ~/.ssh/config names another one",
      },
    ],
  ],
  [
    "TRUST",
    [
      {
        term: "OPTOUT_LOG_ID",
        text: "must equal log.id of the policy: another log is refused, a copy of this one is not",
      },
    ],
  ],
  [
    "SIGN-IN",
    [
      {
        term: "GH_TOKEN, GITHUB_TOKEN",
        text: "for github.com; of another GitHub host GH_ENTERPRISE_TOKEN, GITHUB_ENTERPRISE_TOKEN, GITHUB_TOKEN",
      },
      { term: "GITLAB_TOKEN, GITLAB_ACCESS_TOKEN", text: "for GitLab" },
    ],
  ],
  [
    "BUCKET",
    [
      {
        term: "AWS_*",
        text: "credentials and the profile of the store s3, as AWS's own tools read them; the region where the policy names none",
      },
    ],
  ],
  [
    "NETWORK",
    [
      {
        term: "HTTPS_PROXY, NO_PROXY",
        text: "the proxy for forges, notifications and buckets, and the hosts without one; git reads its own",
      },
    ],
  ],
  [
    "TERMINAL",
    [
      { term: "CI", text: "when set, nothing is ever asked" },
      { term: "NO_COLOR", text: "when set, no colour" },
      { term: "FORCE_COLOR, CLICOLOR_FORCE", text: "colour even without a terminal (0: none)" },
      { term: "TERM", text: "dumb: no colour" },
    ],
  ],
  [
    "PLACES",
    [
      {
        term: "XDG_DATA_HOME",
        text: "keys are kept in optout/keys below it (default: ~/.local/share)",
      },
      {
        term: "XDG_CONFIG_HOME",
        text: "settings and, without a keychain, tokens are kept in optout below it (default: ~/.config)",
      },
      {
        term: "XDG_CACHE_HOME",
        text: "what can be fetched again is kept in optout below it (default: ~/.cache)",
      },
    ],
  ],
  [
    "JOBS",
    [
      {
        term: "GITHUB_*, CI_*",
        text: "on GitHub and GitLab the branch, commit, pull request and run of a job are taken from the forge's own variables",
      },
    ],
  ],
];

function environmentBlocks(): readonly string[] {
  return [
    "Environment variables",
    ...variables.map(([title, rows]) => section(title, items(rows))),
    paragraph(
      "A variable that is set to nothing counts as not set. None of them can loosen what the policy says.",
    ),
  ];
}

function policyBlocks(): readonly string[] {
  return [
    paragraph(
      "The policy is .optout/policy.yaml on the default branch of the remote. It names the stages, the people with their keys, and the rules: who may skip, force or hold what, for how long, with whose approval.",
    ),
    paragraph(
      "The first rule that matches a stage decides; where no rule matches, nothing may override it. A copy on another branch or in a work tree permits nothing: a change counts once it is merged.",
    ),
    paragraph(
      "optout init writes a commented one to begin with, and a JSON Schema beside it, by which editors complete and check. Every member is explained in that schema.",
    ),
  ];
}

function scopeBlocks(): readonly string[] {
  return [
    paragraph(
      "An override applies only where its scope says. Names are exact, there are no globs.",
    ),
    section(
      "FLAGS",
      items([
        {
          term: "--branch B",
          text: "the branch that receives a change: pushes to it and pull requests into it",
        },
        {
          term: "--head B",
          text: "the branch that a change comes from: its pushes and its pull requests",
        },
        { term: "--tag T", text: "pipelines of a tag" },
        { term: "--all-branches", text: "every receiving branch" },
        { term: "--pr N, --sha S", text: "narrow it to one pull request, one commit" },
        { term: "--env E", text: "the environment; the stage's own where it has one" },
        { term: "--forks", text: "pull requests from forks too; otherwise never" },
      ]),
    ),
    paragraph(
      "Without any: on the default branch or a release branch it is --branch of that branch, on any other --head of it. It is never everywhere by default.",
    ),
  ];
}
