/**
 * Which forge's job this is, where several could claim it, and whether the clone is of its repository.
 */
import type { RepositoryName } from "../system/repository-url.ts";
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

/**
 * Whether a repository is the one of the job, whose policy and log alone may speak of it.
 * Forges fold the case of hosts, owners and names. A path is no forge's.
 */
export function isOfJob({ repositories }: JobFacts, { host, name }: RepositoryName): boolean {
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  if (host === "local") return false;
  return repositories.some((own) => same(own.host, host) && same(own.name, name));
}

/**
 * A clone can be turned to another repository by a setting of git's, or be that of a fork; a copy of
 * the log has the same id as the log.
 * @param remote what git really asks; null where the clone has no remote
 * @throws `config-invalid` when the forge tells which repository the job is of, and it is another one
 */
export function assertOfJob(
  facts: JobFacts,
  remote: { readonly name: string; readonly repository: RepositoryName } | null,
): void {
  const [own] = facts.repositories;
  if (own === undefined || (remote !== null && isOfJob(facts, remote.repository))) return;
  const where =
    remote === null
      ? "the clone has no remote"
      : `git takes ${remote.name} to ${nameOf(remote.repository)}`;
  throw inDoubt(
    `its repository is ${nameOf(own)}, and ${where}`,
    `git remote get-url ${remote?.name ?? "origin"}`,
  );
}

const nameOf = ({ host, name }: RepositoryName): string =>
  host === "local" ? "a path of this machine" : `${host}/${name}`;
