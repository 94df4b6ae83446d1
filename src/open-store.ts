/**
 * The stores: which place of a log is opened by which implementation, lazily.
 */
import { resolve } from "node:path";
import { forgeByName } from "./core/forge-name.ts";
import type { LogPlace } from "./core/policy.ts";
import type { Io } from "./output/io.ts";
import { openDirStore } from "./stores/dir.ts";
import type { Store } from "./stores/store.ts";
import type { Clone } from "./system/clone.ts";
import type { Together } from "./system/read-together.ts";

/** What a store is opened with. */
export interface StoreSetting {
  readonly clone: Clone;
  readonly env: Io["env"];
  readonly deadline: AbortSignal;
  readonly interactive: boolean;
  readonly ahead?: Promise<Together | null> | undefined;
}

/** A push to the log is to start no pipeline, whatever the host's own settings say. */
function pushOptionsFor({ clone, env }: StoreSetting): readonly string[] {
  const host = clone.remote?.repository.host ?? "";
  const isGitlab =
    forgeByName(host) === "gitlab" || (host !== "" && host === env["CI_SERVER_HOST"]);
  return isGitlab ? ["ci.skip"] : [];
}

type OpenStore<P extends LogPlace> = (place: P, setting: StoreSetting) => Promise<Store>;

/** Every store; a new one is its file and its line here. */
const stores: { readonly [K in LogPlace["store"]]: OpenStore<Extract<LogPlace, { store: K }>> } = {
  git: async (place, setting) => {
    const { openGitStore } = await import("./stores/git.ts");
    const { branch, subjectPrefix, pushOptions } = place;
    return openGitStore({
      ...setting,
      branch,
      subjectPrefix,
      pushOptions: pushOptions ?? pushOptionsFor(setting),
    });
  },
  dir: (place, { clone, deadline }) => {
    const path = resolve(clone.topLevel ?? clone.gitDir, place.path);
    return Promise.resolve(openDirStore({ path, deadline }));
  },
  s3: async (place, { deadline, env }) => {
    const { openS3Store } = await import("./stores/s3.ts");
    return openS3Store({ place, env, deadline });
  },
};

/** The compiler sees that each place goes to its own store. */
export function openStore(place: LogPlace, setting: StoreSetting): Promise<Store> {
  switch (place.store) {
    case "git":
      return stores.git(place, setting);
    case "dir":
      return stores.dir(place, setting);
    case "s3":
      return stores.s3(place, setting);
  }
}
