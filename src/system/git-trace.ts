/**
 * What git did, for who asked to be told (`--debug`). Nothing is made for nobody.
 */

let tell: ((line: string) => void) | null = null;

/** From now on, in this process: lines such as `git fetch … ended with 0 after 43 ms`. */
export function traceGitTo(listener: (line: string) => void): void {
  tell = listener;
}

/** Tells of the git that begins now, once it has ended. */
export function traceGit(
  args: readonly string[],
  ended: Promise<{ readonly status: number }>,
): void {
  if (tell === null) return;
  const say = tell;
  const begun = performance.now();
  const publish = (how: string): void =>
    say(`git ${args.join(" ")} ${how} after ${Math.round(performance.now() - begun)} ms`);
  ended.then(
    ({ status }) => publish(`ended with ${status}`),
    () => publish("was stopped, or could not be started,"),
  );
}
