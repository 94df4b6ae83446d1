/*
 * `node scripts/nights.mjs`: plays the five worst nights through the built program and writes what it
 * said to docs/nights.md, or with `--print` to standard output. Ids, hashes, keys, times and folders differ from run to run and are shown as
 * words in angle brackets; everything else is as it was printed.
 */
import { cpSync, mkdirSync, renameSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./run.mjs";
import { makeStage } from "./story.mjs";

const HEAD = `# The five worst nights

What optout says when things go wrong, played through the built program over a real git remote by
\`scripts/nights.mjs\`; a test plays them again and compares. \`laptop\` is Alice on call, \`ci\` a job.
`;

const sh = (script) => ["--", "sh", "-c", script];
const lint = ["run", "lint", "--branch", "main", ...sh("echo 'lint image answers 500'; exit 1")];
const shownLint = "optout run lint --branch main -- npm run lint";
const deploy = ["run", "deploy-prod", "--branch", "main", ...sh("echo deployed")];
const shownDeploy = "optout run deploy-prod --branch main -- ./deploy.sh";

/** Each night: its title, what happens, and the steps on a stage where a team has set optout up. */
const nights = [
  {
    title: "The broken image",
    about: "The lint image answers 500, and every job of the fix is red.",
    play({ laptop, job, optout }) {
      optout(job, lint, { shown: shownLint });
      optout(laptop, ["skip", "lint", "-m", "lint image answers 500", "--for", "2h"]);
      optout(job, lint, { shown: shownLint });
      optout(laptop, ["revoke", "lint", "-m", "image is repaired"]);
      optout(job, lint, { shown: shownLint });
    },
  },
  {
    title: "The hung job",
    about:
      "The integration tests wait for a machine that is gone. What runs already is not touched: it is cancelled on the forge, and its next attempt asks optout.",
    play({ laptop, job, optout }) {
      optout(laptop, ["skip", "e2e", "-m", "test farm is gone", "--for", "30m", "--once"]);
      const run = {
        GITHUB_ACTIONS: "true",
        GITHUB_EVENT_NAME: "push",
        GITHUB_REF: "refs/heads/main",
      };
      const env = { ...run, GITHUB_SHA: "0".repeat(40), GITHUB_RUN_ID: "7", GITHUB_JOB: "e2e" };
      optout(job, ["run", "e2e", ...sh("echo 42 tests passed")], {
        env: { ...env, GITHUB_RUN_ATTEMPT: "2" },
        shown: "optout run e2e -- npm run e2e",
      });
      optout(laptop, ["status"]);
    },
  },
  {
    title: "The store that is down",
    about: "The host of the repository does not answer: no override is in force, deploys wait.",
    play({ laptop, job, optout, remote }) {
      optout(laptop, ["skip", "lint", "-m", "lint image answers 500", "-q"]);
      renameSync(remote, `${remote}.away`);
      optout(job, ["check", "lint", "--branch", "main"]);
      optout(job, lint, { shown: shownLint });
      optout(job, deploy, { shown: shownDeploy });
      optout(laptop, ["skip", "unit-tests", "-m", "registry is down"]);
      renameSync(`${remote}.away`, remote);
      optout(job, lint, { shown: shownLint });
    },
  },
  {
    title: "The stolen key",
    about:
      "Somebody has Alice's key and uses it. Her key leaves the policy on main, and from the next check on nothing that it signed counts.",
    play({ laptop, job, git, optout, folder }) {
      const thief = {
        name: "thief",
        directory: join(folder, "thief"),
        home: join(folder, "thief-home"),
      };
      cpSync(laptop.home, thief.home, { recursive: true });
      git(thief, ["clone", "--quiet", join(folder, "shop.git"), thief.directory], {
        quiet: true,
        cwd: folder,
      });
      optout(thief, ["skip", "lint", "-m", "nothing to see here", "--for", "12h"]);
      optout(job, lint, { shown: shownLint });
      const file = join(laptop.directory, ".optout", "policy.yaml");
      const policy = readFileSync(file, "utf8");
      writeFileSync(
        file,
        policy.replace(/(alice-ng:[^]*?)ssh-ed25519 [^"]+/, (_, before) => before + spareKey),
      );
      git(laptop, ["commit", "--quiet", "-am", "Replace Alice's stolen key"]);
      git(laptop, ["push", "--quiet"]);
      optout(job, lint, { shown: shownLint });
      optout(thief, ["skip", "unit-tests", "-m", "once more, please"]);
    },
  },
  {
    title: "The log that is attacked",
    about:
      "Somebody with the right to push takes the last position off the log's branch, so that a revocation is forgotten. A machine that has seen it is loud, and trusts nothing until the log is whole again.",
    play({ laptop, job, git, optout, remote }) {
      optout(laptop, ["skip", "lint", "-m", "lint image answers 500", "-q"]);
      optout(laptop, ["revoke", "lint", "-m", "image is repaired", "-q"]);
      optout(job, ["check", "lint", "--branch", "main"]);
      const quiet = { quiet: true, cwd: remote };
      git(laptop, ["branch", "safe", "optout-log"], quiet);
      git(laptop, ["branch", "-f", "optout-log", "optout-log~1"], quiet);
      optout(job, ["check", "lint", "--branch", "main"]);
      optout(job, lint, { shown: shownLint });
      optout(job, deploy, { shown: shownDeploy });
      optout(laptop, ["verify"]);
      git(laptop, ["branch", "-f", "optout-log", "safe"], quiet);
      optout(laptop, ["verify"]);
    },
  },
];

/** A key that nobody holds, as the one that replaces the stolen one. */
const spareKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea alice@new-laptop";

const volatile = [
  [/\bssh-ed25519 [A-Za-z0-9+/]+/g, "ssh-ed25519 <public key>"],
  [/\bovr_[0-9a-z]{16}\b/g, "<id>"],
  [/\bSHA256:[A-Za-z0-9+/]{43}/g, "<key>"],
  [/\b\d{4}-\d\d-\d\d(?:T| )\d\d:\d\d(?::\d\d)?(?:Z| UTC)/g, "<time>"],
  [/\b\d\d:\d\d(?:Z| UTC)/g, "<time>"],
  [/\b[0-9a-f]{40}\b/g, "<commit>"],
  [/@ [0-9a-f]{7}\b/g, "@ <commit>"],
  [/(?<![\w-])[\w-]{43}(?![\w-])/g, "<hash>"],
  [/\b\d+ s(?:econds?)? ago\b/g, "<time> ago"],
];

function nightOf({ title, about, play }) {
  const said = [];
  const tell = (place, line, { status, stdout, stderr }) => {
    const exit = status === 0 ? "" : `(exit ${status})\n`;
    said.push(`${place} $ ${line}\n${stderr}${stdout}${exit}`);
  };
  const stage = makeStage([process.execPath, join(ROOT, "bin", "optout.cjs")], tell);
  try {
    const { laptop, git, must, optout } = stage;
    const stages = ["lint", "unit-tests", "e2e", "deploy-prod"].flatMap((id) => ["--stage", id]);
    must(optout(laptop, ["init", "--yes", ...stages], { quiet: true }));
    allowJobs(stage);
    askInCi(stage);
    for (const args of [
      ["add", "."],
      ["commit", "--quiet", "-m", "Add the policy"],
      ["push", "--quiet"],
    ]) {
      git(laptop, args, { quiet: true });
    }
    stage.cloneForCi();
    play({ ...stage, remote: join(stage.folder, "shop.git") });
    return `## ${title}\n\n${about}\n\n\`\`\`text\n${plain(said.join("\n"), stage.folder)}\`\`\`\n`;
  } finally {
    stage.remove();
  }
}

/** A key for the jobs, in the policy and on the machine of `ci`. */
function allowJobs({ laptop, job, optout, must }) {
  const key = must(
    optout(job, ["keys", "create", "--no-passphrase"], { quiet: true, cwd: laptop.directory }),
  );
  const file = join(laptop.directory, ".optout", "policy.yaml");
  const line = `principals:\n  ci: { kind: ci, keys: ["${key.stdout.trim()}"] }\n`;
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace("principals:\n", () => line),
  );
}

/** The workflow whose jobs are played on the machine of `ci`. */
function askInCi({ laptop }) {
  const job = (id, command) =>
    `  ${id}:\n    steps:\n      - run: optout run ${id} -- ${command}\n`;
  const jobs = ["lint", "unit-tests", "e2e"].map((id) => job(id, `npm run ${id}`));
  const folder = join(laptop.directory, ".github", "workflows");
  mkdirSync(folder, { recursive: true });
  const all = [...jobs, job("deploy-prod", "./deploy.sh")].join("");
  writeFileSync(join(folder, "ci.yml"), `on: push\njobs:\n${all}`);
}

const plain = (text, folder) =>
  volatile.reduce(
    (shown, [pattern, word]) => shown.replaceAll(pattern, word),
    text.replaceAll(folder, "<folder>"),
  );

const page = [HEAD, ...nights.map(nightOf)].join("\n");
if (process.argv.includes("--print")) process.stdout.write(page);
else writeFileSync(join(ROOT, "docs", "nights.md"), page);
