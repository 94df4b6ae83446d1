/*
 * What only a live forge can show, in a scratch repository of a scratch account:
 *
 *   cd CLONE-OF-THE-SCRATCH-REPOSITORY   (with a policy, a log, and CI that asks about the stage)
 *   OPTOUT_SMOKE_STAGE=lint npm --prefix PATH-TO-OPTOUT run smoke:github
 *
 * It skips the stage for ten minutes, shows what would be run again, runs it again, and takes the skip
 * back. Nothing else is changed. Exit 0 when every step ended as it should.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const [, , forge = ""] = process.argv;
const stage = process.env.OPTOUT_SMOKE_STAGE ?? "lint";
const clone = process.env.INIT_CWD ?? process.cwd();
const bin = fileURLToPath(new URL("../bin/optout.cjs", import.meta.url));

const steps = [
  [["whoami"], "the policy knows the key"],
  [["skip", stage, "-m", `smoke test on ${String(forge)}`, "--for", "10m"], "red runs are counted"],
  [["rerun", stage, "--dry-run"], "the requests"],
  [["rerun", stage, "--yes"], "each is accepted (201, 202)"],
  [["verify"], "notes are no findings"],
  [["revoke", stage, "-m", "smoke test is over"], "it is over"],
];

let failed = 0;
for (const [args, shows] of steps) {
  console.log(`\n$ optout ${args.join(" ")}   (${String(shows)})`);
  const { status } = spawnSync(process.execPath, [bin, ...args], { cwd: clone, stdio: "inherit" });
  if (status === 0) continue;
  failed += 1;
  console.log(`ended with ${String(status)}`);
}
process.exitCode = failed === 0 ? 0 : 1;
