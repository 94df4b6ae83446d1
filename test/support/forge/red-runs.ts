/** What GitHub shows where a stage fails: runs of the workflow that ended red. */
import { sha, type FakeRun, type GithubWorld } from "./fake-github.ts";

type Own = Pick<FakeRun, "jobs"> & Partial<FakeRun>;

/** A run that ended red just now; without more said, of a push to main. */
export function redRun(own: Own): FakeRun {
  return {
    id: 71,
    path: ".github/workflows/ci.yml",
    event: "push",
    head_branch: "main",
    head_sha: sha(1),
    status: "completed",
    conclusion: "failure",
    run_started_at: new Date().toISOString(),
    run_attempt: 1,
    ...own,
  };
}

/** A pull request into main whose one run is red: `fix-7`, with run 5007. */
export function addRedPull(world: GithubWorld, number: number, own: Own): FakeRun {
  const [head, commit] = [`fix-${number}`, sha(1000 + number)];
  world.pulls.push({ number, base: "main", head, sha: commit });
  const run = redRun({
    id: 5000 + number,
    event: "pull_request",
    head_branch: head,
    head_sha: commit,
    ...own,
  });
  world.runs.push(run);
  return run;
}
