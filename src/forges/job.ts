/**
 * Which forge's job this is, where several could claim it.
 */
import { inDoubt } from "./facts.ts";
import type { Environment, Forge, JobFacts } from "./forge.ts";

/**
 * The facts of the job that this is; null outside of a forge's job. A job may add variables, and so
 * pretend to be another forge's, or to be none; it cannot take its own forge's mark away.
 * @throws `config-invalid` when the marks contradict each other, and what the forge throws
 */
export function factsOf(forges: readonly Forge[], env: Environment): JobFacts | null {
  const marked = forges.filter(({ mark }) => env[mark] !== undefined);
  const [forge, other] = marked;
  if (forge === undefined) return null;
  if (other !== undefined) throw inDoubt(`both ${forge.mark} and ${other.mark} are set`);
  if (env[forge.mark] === "true") return forge.facts(env);
  throw inDoubt(`${forge.mark} is set, and not to true`);
}
