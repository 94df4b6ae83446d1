/*
 * A stage for the story of optout: a bare remote and two clones in a temporary directory, each with
 * a home of its own, and a program to run in them. The demo and the smoke test of the package play
 * on it.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Makes the stage. `program` is the command line of optout, such as `[node, "bin/optout.cjs"]`.
 * `tell(place, line, result)` is called for each command.
 */
export function makeStage(program, tell = () => undefined) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "optout-story-")));
  const remote = join(folder, "shop.git");
  const place = (name) => ({
    name,
    directory: join(folder, name),
    home: join(folder, `${name}-home`),
  });
  const laptop = place("laptop");
  const job = place("ci");

  /** Runs a program in a place; the result is told and returned. */
  function run({ name, directory, home }, file, args, more = {}) {
    const { shown = [file, ...args].join(" "), env = {}, quiet = false, cwd = directory } = more;
    const result = spawnSync(file, args, {
      cwd,
      encoding: "utf8",
      env: { ...cleanEnvironment(), HOME: home, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (result.error !== undefined) throw result.error;
    if (!quiet) tell(name, shown, result);
    return result;
  }

  const must = (result) => {
    if (result.status === 0) return result;
    throw new Error(
      `a step of the story ended with ${result.status}\n${result.stdout}${result.stderr}`,
    );
  };
  const git = (where, args, more = {}) =>
    must(run(where, "git", args, { shown: ["git", ...args].map(quoted).join(" "), ...more }));
  const optout = (where, args, more = {}) => {
    const [file, ...first] = program;
    return run(where, file, [...first, ...args], {
      shown: ["optout", ...args].map(quoted).join(" "),
      ...more,
    });
  };

  for (const { home } of [laptop, job]) mkdirSync(home, { recursive: true });
  beginRepository(git, laptop, { remote, folder });

  return {
    folder,
    laptop,
    job,
    git,
    optout,
    run,
    must,
    cloneForCi: () =>
      git(job, ["clone", "--quiet", remote, job.directory], { quiet: true, cwd: folder }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A remote with one commit on main, and the laptop's clone of it. */
function beginRepository(git, laptop, { remote, folder }) {
  const outside = { quiet: true, cwd: folder };
  const inside = { quiet: true };
  git(laptop, ["init", "--quiet", "--bare", "--initial-branch=main", remote], outside);
  git(laptop, ["clone", "--quiet", remote, laptop.directory], outside);
  git(laptop, ["config", "--global", "user.name", "Alice Ng"], inside);
  git(laptop, ["config", "--global", "user.email", "alice@example.com"], inside);
  writeFileSync(join(laptop.directory, "README.md"), "# shop\n");
  git(laptop, ["checkout", "--quiet", "-B", "main"], inside);
  git(laptop, ["add", "."], inside);
  git(laptop, ["commit", "--quiet", "-m", "A shop"], inside);
  git(laptop, ["push", "--quiet", "-u", "origin", "main"], inside);
}

/** What of this process's environment a stranger's machine would have too. */
function cleanEnvironment() {
  const foreign =
    /^(OPTOUT_|GITHUB_|GITLAB_|CI$|CI_|GIT_|XDG_|NODE_EXTRA_CA_CERTS|FORCE_COLOR|npm_)/;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(own), TZ: "UTC", NO_COLOR: "1", GIT_CONFIG_NOSYSTEM: "1" };
}

const quoted = (word) =>
  /^[\w@%+=:,./#-]+$/.test(word) ? word : `"${word.replaceAll('"', '\\"')}"`;
