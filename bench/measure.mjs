/*
 * Ratios of two commands, measured in one run: both sides interleaved, the median of the pairs.
 */
import { spawnSync } from "node:child_process";

/** Milliseconds that `action` takes. */
function time(action) {
  const start = process.hrtime.bigint();
  action();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** The median ratio of `pairs` interleaved runs, and the medians of both sides in milliseconds. */
export function ratio(left, right, pairs) {
  left();
  right();
  const rows = Array.from({ length: pairs }, (_, index) => {
    // whichever goes first finds the caches as the other left them
    if (index % 2 === 0) {
      const a = time(left);
      return [a, time(right)];
    }
    const b = time(right);
    return [time(left), b];
  });
  return {
    ratio: median(rows.map(([a, b]) => a / b)),
    left: median(rows.map(([a]) => a)),
    right: median(rows.map(([, b]) => b)),
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A process to its end; its exit status must be one of `expected`. */
export function spawn(file, args, { cwd, env, expected = [0] }) {
  const result = spawnSync(file, args, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  if (result.error !== undefined) throw result.error;
  if (!expected.includes(result.status)) {
    throw new Error(`${file} ${args.join(" ")} ended ${result.status}: ${result.stderr}`);
  }
}

/** The environment to measure in: what makes Node start slower is left out. */
export function quietEnvironment(home) {
  // with a variable of git's the clone is read by git, which jobs without one do not pay for
  const without = /^(?:NODE_EXTRA_CA_CERTS|NODE_OPTIONS|CI|GIT_.*)$/;
  const rest = Object.entries(process.env).filter(([name]) => !without.test(name));
  return { ...Object.fromEntries(rest), HOME: home };
}
