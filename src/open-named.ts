/**
 * A repository that is named (`-R`): its private clone, and the token by which git reaches it.
 */
import type { SignIns } from "./forges/api.ts";
import type { Io } from "./output/io.ts";
import type { Clone } from "./system/clone.ts";
import { placesOf } from "./system/places.ts";
import { openPrivateClone } from "./system/private-clone.ts";

interface Setting {
  readonly io: Pick<Io, "env">;
  readonly deadline: AbortSignal;
  readonly signIns: () => Promise<SignIns>;
}

/** Over https, with the token of whoever is signed in there; else with what git has of its own. */
export async function openNamed(url: string, { io, deadline, signIns }: Setting): Promise<Clone> {
  const clone = await openPrivateClone(url, { cache: placesOf(io.env).cache(), deadline });
  if (!/^https?:/.test(url)) return clone;
  const more = await (await signIns()).gitSettings(url);
  const { settings } = clone;
  return { ...clone, settings: { ...settings, entries: [...settings.entries, ...more] } };
}
