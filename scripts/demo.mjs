/*
 * `npm run demo`: the whole story through the built program, over a real git remote, in a temporary
 * directory that is removed at the end. Every command is printed with its true output.
 */
import { join } from "node:path";
import { makeStage } from "./story.mjs";
import { ROOT } from "./run.mjs";

const stage = makeStage([process.execPath, join(ROOT, "bin", "optout.cjs")], tell);
const { laptop, job, git, optout, must } = stage;
const lint = [
  "run",
  "lint",
  "--branch",
  "main",
  "--",
  "node",
  "-e",
  "console.log('linting: 3 errors'); process.exitCode = 1",
];
const shownLint = "optout run lint --branch main -- npm run lint";

try {
  chapter("A team sets optout up: a policy in the repository, a log on a branch of its own");
  must(optout(laptop, ["init", "--yes", "--stage", "lint", "--stage", "deploy-prod"]));
  git(laptop, ["add", ".optout"]);
  git(laptop, ["commit", "--quiet", "-m", "Add the optout policy"]);
  git(laptop, ["push", "--quiet"]);

  chapter("03:14. The lint image is broken, and every job of the fix is red");
  stage.cloneForCi();
  expectExit(optout(job, lint, { shown: shownLint }), 1);

  chapter("One command on the laptop: signed, limited in time, with a reason");
  must(
    optout(laptop, [
      "skip",
      "lint",
      "-m",
      "lint image answers 500",
      "--ticket",
      "INC-4312",
      "--for",
      "2h",
    ]),
  );

  chapter("The next job proves for itself that the override is genuine, and obeys");
  expectExit(optout(job, lint, { shown: shownLint }), 0);
  expectExit(optout(job, ["check", "deploy-prod", "--branch", "main"]), 10);

  chapter("The image is repaired");
  must(optout(laptop, ["revoke", "lint", "-m", "image is repaired"]));
  expectExit(optout(job, ["check", "lint", "--branch", "main"]), 11);

  chapter("The release manager looks back, and proves that nothing is missing");
  must(optout(laptop, ["history"]));
  git(laptop, ["fetch", "--quiet"], { quiet: true });
  git(laptop, ["--no-pager", "log", "--format=%h %s", "origin/optout-log"]);
  must(optout(laptop, ["verify"]));
  console.log("\nThat was the whole story; nothing is left behind.");
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  stage.remove();
}

function chapter(title) {
  console.log(`\n── ${title}`);
}

function tell(place, line, { status, stdout, stderr }) {
  console.log(`\n${place} $ ${line}`);
  process.stdout.write(stderr);
  process.stdout.write(stdout);
  if (status !== 0) console.log(`(exit ${status})`);
}

function expectExit({ status }, expected) {
  if (status !== expected) throw new Error(`expected exit ${expected}, got ${status}`);
}
