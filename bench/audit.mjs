/*
 * What `verify` of a whole log costs: time for each position, and memory.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const node = process.execPath;
const peak =
  "data:text/javascript,process.on('exit',()=>process.stderr.write('PEAK '+process.resourceUsage().maxRSS))";

/** @param size positions of the log */
export function auditRows({ folder, env, program, gitClone, report }, size, rounds) {
  const root = join(folder, "audited");
  mkdirSync(root);
  const clone = gitClone(root, root, "audited", { size, recent: 10 });
  const verify = () =>
    timed(node, ["--import", peak, program, "verify", "--timeout", "10m"], { cwd: clone, env });
  verify();
  const audits = Array.from({ length: rounds }, verify);
  const raw = Array.from({ length: rounds }, () =>
    Number(timed(node, [join(import.meta.dirname, "raw-ed25519.mjs"), String(size)], { env }).out),
  );
  const log = ["log", "--format=%H %P%n%B", "optout-log"];
  const stream = timed("git", log, { cwd: join(root, "audited.git"), env }).ms;
  const [audit, bare] = [least(audits.map(({ ms }) => ms)), least(raw)];
  const title = `verify of ${size.toLocaleString("en")} positions`;
  report(`${title} / raw Ed25519 on all cores`, "", of(audit, bare));
  report(`  of that, git's streaming / raw Ed25519`, "", of(stream, bare));
  report(`  and what is left without it / raw Ed25519`, "<= 1.2", of(audit - stream, bare));
  const mib = Math.max(...audits.map(({ err }) => Number(/PEAK (\d+)/.exec(err)?.[1]))) / 1024;
  console.log(`${mib.toFixed(0).padStart(6)}  <= 160   ${title}: peak memory in MiB`);
  const signed = signedCommits(join(folder, "signed"), env);
  const commit = least(Array.from({ length: rounds }, () => signed.verify())) / signed.count;
  const per = audit / size / commit;
  console.log(
    `${`1/${(1 / per).toFixed(0)}`.padStart(6)}  <= 1/150 a position of that / git verify-commit with ssh  (${((audit / size) * 1000).toFixed(0)} us / ${commit.toFixed(1)} ms)`,
  );
}

/** A repository of commits that are signed with an ssh key. */
function signedCommits(directory, env) {
  mkdirSync(directory);
  const inside = { cwd: directory, env };
  timed("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "key"], inside);
  timed("sh", ["-c", 'echo "bench@localhost $(cat key.pub)" > allowed'], inside);
  timed("git", ["init", "--quiet"], inside);
  for (const [name, value] of [
    ["user.name", "bench"],
    ["user.email", "bench@localhost"],
    ["gpg.format", "ssh"],
    ["user.signingkey", join(directory, "key.pub")],
    ["gpg.ssh.allowedSignersFile", join(directory, "allowed")],
  ]) {
    timed("git", ["config", name, value], inside);
  }
  const count = 20;
  for (let i = 0; i < count; i += 1) {
    timed("git", ["commit", "--quiet", "--allow-empty", "-S", "-m", `${i}`], inside);
  }
  const commits = timed("git", ["rev-list", "HEAD"], inside).out.trim().split("\n");
  return { count, verify: () => timed("git", ["verify-commit", ...commits], inside).ms };
}

const of = (left, right) => ({ ratio: left / right, left, right });
const least = (values) => Math.min(...values);

function timed(file, args, options) {
  const start = process.hrtime.bigint();
  const result = spawnSync(file, args, { ...options, encoding: "utf8", maxBuffer: 2 ** 30 });
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  if (result.status === 0) return { ms, out: result.stdout, err: result.stderr };
  throw new Error(`${file} ${args.join(" ")}: ${result.error ?? result.stdout + result.stderr}`);
}
