/**
 * A person whom no policy knows, for asking a policy.
 */
import type { Principal } from "../core/policy.ts";

/** Without a key and an account, so that nothing but the roles counts. */
export function stranger(id: string, roles: readonly string[] = []): Principal {
  const accounts = { github: null, gitlab: null, githubId: null, gitlabId: null };
  return { id, name: null, kind: "person", roles, keys: [], ...accounts, line: 0 };
}
