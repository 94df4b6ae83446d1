/*
 * What an append costs when others append too: writers on machines of their own, one log over http.
 */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const writers = 16;

/**
 * @param remote a bare repository that `url` serves, with a policy and a log
 * @param key of somebody who may skip lint
 */
export async function appendRow({ folder, env, program, git, report }, { remote, url, key }) {
  git(remote, ["config", "http.receivepack", "true"]);
  const places = Array.from({ length: writers }, (_, index) => {
    const home = join(folder, `writer${index}`);
    mkdirSync(home);
    git(home, ["clone", "--quiet", url, "clone"]);
    return { cwd: join(home, "clone"), env: { ...env, HOME: home, OPTOUT_KEY: key } };
  });
  // the first append of each fetches the log, and the first of all records the policy
  for (const place of places) await append(program, place);
  const alone = await timed(async () => {
    for (const place of places) await append(program, place);
  });
  const together = await timed(() => Promise.all(places.map((place) => append(program, place))));
  report(`wall per append, ${writers} writers / 1`, "<= 3", {
    ratio: together / alone,
    left: together / writers,
    right: alone / writers,
  });
}

function append(program, options) {
  const line = ["skip", "lint", "-m", "linter image answers 500", "--ticket", "INC-4312"];
  const child = spawn(
    process.execPath,
    [program, ...line, "--branch", "main", "--timeout", "5m", "-q"],
    {
      ...options,
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (words += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      if (status === 0) resolve();
      else reject(new Error(`optout ${line.join(" ")} ended ${status}: ${words}`));
    });
  });
}

async function timed(action) {
  const start = process.hrtime.bigint();
  await action();
  return Number(process.hrtime.bigint() - start) / 1e6;
}
