/**
 * Who reads: the principal of the first key at hand that the policy knows. No key is opened, and not
 * to know is no failure.
 */
import type { Principal } from "../core/policy.ts";
import type { Openers, OpenLog } from "./openers.ts";

/** Null where no key at hand is in the policy, or keys cannot be looked at. */
export async function readerOf(
  { policy }: Pick<OpenLog, "policy">,
  open: Openers,
  keyName?: string,
): Promise<Principal | null> {
  const found = await open.keys(keyName).catch(() => null);
  const [owner] = (found?.candidates ?? []).flatMap(
    ({ key }) => policy.keys.get(key.kid)?.owner ?? [],
  );
  return owner ?? null;
}
