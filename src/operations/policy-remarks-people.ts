/**
 * What a change of the policy means for people and their keys, beside what they may ask for.
 */
import { hasRole, type Policy, type Principal } from "../core/policy.ts";
import { nothing, type Remark } from "../core/policy-difference.ts";
import type { Pair } from "./policy-worlds.ts";

/** Keys, accounts and kinds of everybody in either policy. */
export function principalRemarks({ old, now }: Pair): readonly Remark[] {
  const ids = new Set([...old.principals.keys(), ...now.principals.keys()]);
  const demandsAccount = now.rules.some(({ forgeAccount }) => forgeAccount);
  return [...ids].flatMap((id) => {
    const [was, is] = [old.principals.get(id), now.principals.get(id)];
    const own = { ...nothing, people: [id], line: is?.line ?? was?.line ?? null };
    if (was === undefined || is === undefined) return newcomerRemarks(own, was, is);
    const kids = (one: Principal): readonly string[] => one.keys.map(({ kid }) => kid);
    const added = kids(is).some((kid) => !kids(was).includes(kid));
    const removed = kids(was).some((kid) => !kids(is).includes(kid));
    const moved = demandsAccount && accountsOf(was) !== accountsOf(is);
    return [
      ...(added ? [{ ...own, direction: "loosens" as const, code: "key-added" as const }] : []),
      ...(removed ? [{ ...own, direction: "loosens" as const, code: "key-removed" as const }] : []),
      ...(moved ? [{ ...own, direction: "loosens" as const, code: "account" as const }] : []),
      ...(was.kind === is.kind
        ? []
        : [
            {
              ...own,
              direction: "loosens" as const,
              code: "principal-kind" as const,
              was: was.kind,
              now: is.kind,
            },
          ]),
    ];
  });
}

/** What newcomers and leavers may do is asked; here is what their keys mean besides. */
function newcomerRemarks(
  own: Omit<Remark, "direction" | "code">,
  was: Principal | undefined,
  is: Principal | undefined,
): readonly Remark[] {
  if (is?.kind === "ci") return [{ ...own, direction: "loosens", code: "ci", now: "yes" }];
  if (was?.kind === "ci") return [{ ...own, direction: "tightens", code: "ci", was: "yes" }];
  return [];
}

const accountsOf = ({ github, gitlab, githubId, gitlabId }: Principal): string =>
  JSON.stringify([github, gitlab, githubId, gitlabId]);

/** Whoever loses the right to revoke keys takes what she revoked with her. */
export function keyRevokerRemarks(old: Policy, now: Policy): readonly Remark[] {
  const [before, after] = [keyRevokersIn(old), keyRevokersIn(now)];
  const lost = before.filter((id) => !after.includes(id));
  const gained = after.filter((id) => !before.includes(id));
  const own = { ...nothing, code: "key-revoker" as const };
  return [
    ...(lost.length > 0
      ? [{ ...own, direction: "loosens" as const, was: "yes", people: lost }]
      : []),
    ...(gained.length > 0
      ? [{ ...own, direction: "tightens" as const, now: "yes", people: gained }]
      : []),
  ];
}

function keyRevokersIn({ principals, mayRevoke: roles }: Policy): readonly string[] {
  return [...principals.values()]
    .filter((one) => one.kind === "person" && hasRole(one, roles))
    .map(({ id }) => id);
}
