/**
 * What `optout init` leaves to do: merge the policy, let jobs ask, protect the log, hand CI its key.
 */
import { forgeNames, type ForgeName } from "../core/forge-name.ts";
import type { NewStage } from "../core/new-stage.ts";
import { shellWord } from "./command-words.ts";
import { forTerminal } from "./escape.ts";
import type { InitReport } from "./init-words.ts";

interface NextStep {
  readonly does: string;
  readonly command: string | null;
}

/** For stdout: nothing where everything is in place. */
export function initNext(report: InitReport): readonly string[] {
  const steps = nextSteps(report);
  if (steps.length === 0) return ["everything is in place"];
  const lines = steps.flatMap(({ does, command }, index) => [
    `${index + 1}. ${does}`,
    ...(command === null ? [] : [`     ${command}`]),
  ]);
  return ["Next:", ...lines, "Overrides work once the policy is on the default branch."];
}

export function nextSteps(report: InitReport): readonly NextStep[] {
  const { policy, schema, log, stage, stages, remote } = report;
  const wrote = [policy.outcome, schema.outcome, log.outcome].some((one) => one !== "in-place");
  if (!wrote) return [];
  const push = remote === null ? "" : " && git push";
  const commit: NextStep = {
    does: "Commit the policy, and have it merged into the default branch:",
    command: `git add .optout && git commit -m "Add the optout policy"${push}`,
  };
  const ask: NextStep = {
    does: "Let the job of the stage ask:",
    command: `optout run ${stage} -- ${commandFor(stage)}`,
  };
  const gated = stages.filter(({ gate = null }) => gate !== null);
  const asks = [
    ...(gated.some(({ id }) => id === stage) ? [] : [ask]),
    ...forgeNames.flatMap((gate) => gateStep(gate, gated)),
  ];
  if (log.branch === null) return [commit, ...asks, ...secretStep(report)];
  const protect = `Protect the branch ${forTerminal(log.branch)}: linear history, no force push, no deletion.`;
  return [commit, ...asks, { does: protect, command: null }, ...credentialSteps(report)];
}

const templates: Readonly<Record<ForgeName, string>> = {
  github: "templates/github/workflows/ci.yml",
  gitlab: "templates/optout-gate/template.yml",
};

/** For stages whose own jobs may be unable to ask: an image that does not start asks nothing. */
function gateStep(platform: ForgeName, gated: readonly NewStage[]): readonly NextStep[] {
  const ids = gated.filter(({ gate }) => gate === platform).map(({ id }) => id);
  if (ids.length === 0) return [];
  const what = ids.length === 1 ? "its job starts, for its" : "their jobs start, for their";
  const flags = platform === "github" ? "" : " --format gitlab-child --output optout-child.yml";
  return [
    {
      does: `Let a gate decide about ${ids.join(", ")} before ${what} image or runner may be what is broken (${templates[platform]}):`,
      command: `optout gate ${ids.join(" ")}${flags}`,
    },
  ];
}

/** What a job needs that is to write; one that only obeys needs nothing. */
function credentialSteps(report: InitReport): readonly NextStep[] {
  const { forge } = report;
  if (report.policy.outcome !== "written" || forge === null) return secretStep(report);
  const credential =
    forge === "gitlab"
      ? "a project access token with write_repository"
      : "a deploy key that may write, or an App";
  const [secret] = secretStep(report);
  if (secret !== undefined) {
    const does = `Let the jobs that record push, by ${credential} (docs/ci-that-writes.md); in a job this proves it:`;
    return [secret, { does, command: "optout doctor" }];
  }
  return [
    {
      does: `Where CI is to record uses and notices (--once, record_use), give it a key, and ${credential} (docs/ci-that-writes.md); optout doctor in a job proves it:`,
      command: `optout keys create ${report.ciKeyName} --no-passphrase`,
    },
  ];
}

/** Where the key of the jobs goes. */
function secretStep(report: InitReport): readonly NextStep[] {
  if (report.ci === null) return [];
  const file = shellWord(report.ci.path);
  const does = "Hand the key to the jobs as a secret, and delete its file:";
  switch (report.forge) {
    case "github":
      return [{ does, command: `gh secret set OPTOUT_KEY < ${file} && rm ${file}` }];
    case "gitlab":
      return [
        { does, command: `glab variable set OPTOUT_KEY_FILE --type file < ${file} && rm ${file}` },
      ];
    case null:
      return [
        {
          does: `Hand the jobs that record ${file} as OPTOUT_KEY_FILE, then delete the file: rm ${file}`,
          command: null,
        },
      ];
  }
}

function commandFor(stage: string): string {
  if (stage === "lint") return "npm run lint";
  return stage === "unit-tests" ? "npm test" : "COMMAND";
}
