import { mkdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readClone, requireRemote } from "../../src/system/clone.ts";
import { askLayout, type CloneLayout } from "../../src/system/clone-layout.ts";
import {
  git,
  knowsConfigCount,
  makeClone,
  makePlace,
  makeRemote,
  type Place,
} from "../support/git-remote.ts";
import { refusal } from "../support/problem.ts";

let place: Place;
let remote: string;
let directory: string;

beforeEach(() => {
  place = makePlace();
  remote = makeRemote(place);
  directory = makeClone(place, remote);
});

afterEach(() => {
  place.remove();
});

/** What git itself says of the layout. */
const asked = (cwd: string): Promise<CloneLayout> =>
  askLayout({ cwd: realpathSync(cwd), gitDir: null, settings: null, interactive: false });

describe("the facts of a clone", () => {
  it("are read from anywhere inside of it", async () => {
    const deep = join(directory, "deep", "down");
    mkdirSync(deep, { recursive: true });

    for (const cwd of [directory, deep]) {
      expect(await readClone(cwd)).toMatchObject({
        cwd: directory,
        topLevel: directory,
        gitDir: join(directory, ".git"),
        commonDir: join(directory, ".git"),
        isShallow: false,
        objectFormat: "sha1",
        branch: "main",
        head: git(directory, ["rev-parse", "HEAD"]),
        remotes: ["origin"],
        identity: { name: "Alice Ng", email: "alice@example.com" },
        remote: {
          name: "origin",
          url: remote,
          repository: { host: "local", name: "remote" },
          defaultBranch: "main",
        },
      });
    }
  });

  const changes: Readonly<Record<string, () => string>> = {
    "a plain clone": () => directory,
    "a detached HEAD": () => {
      git(directory, ["checkout", "-q", "--detach"]);
      return directory;
    },
    "packed refs": () => {
      git(directory, ["checkout", "-q", "-b", "topic/one"]);
      git(directory, ["pack-refs", "--all"]);
      return directory;
    },
    "a branch without commits": () => {
      git(directory, ["checkout", "-q", "--orphan", "fresh"]);
      return directory;
    },
    "a linked work tree": () => {
      git(directory, ["worktree", "add", "-q", "-b", "linked", join(place.root, "linked")]);
      return join(place.root, "linked");
    },
    "a bare clone": () => makeClone(place, remote, { name: "bare", flags: ["--bare"] }),
    "a shallow clone": () =>
      makeClone(place, `file://${remote}`, { name: "shallow", flags: ["--depth=1"] }),
    "the inside of .git": () => join(directory, ".git", "refs"),
    "a clone behind a link": () => {
      symlinkSync(directory, join(place.root, "link"));
      return join(place.root, "link");
    },
    "a git directory elsewhere": () => {
      renameSync(join(directory, ".git"), join(place.root, "elsewhere.git"));
      writeFileSync(join(directory, ".git"), `gitdir: ${join(place.root, "elsewhere.git")}\n`);
      return directory;
    },
    "a git directory behind a link": () => {
      renameSync(join(directory, ".git"), join(place.root, "elsewhere.git"));
      symlinkSync(join(place.root, "elsewhere.git"), join(directory, ".git"));
      return directory;
    },
    "a submodule": () => {
      git(directory, [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        remote,
        "sub",
      ]);
      return join(directory, "sub");
    },
    "a work tree elsewhere": () => {
      git(directory, ["config", "core.worktree", mkdirTree("tree")]);
      return directory;
    },
    "a repository under SHA-256": () => {
      const other = join(place.root, "strong");
      git(place.root, ["init", "-q", "--object-format=sha256", other]);
      return other;
    },
  };

  function mkdirTree(name: string): string {
    mkdirSync(join(place.root, name));
    return join(place.root, name);
  }

  it.each(Object.keys(changes))("are what git says they are: %s", async (name) => {
    const cwd = changes[name]?.() ?? "";

    expect(await readClone(cwd)).toMatchObject(await asked(cwd));
  });

  it("follow GIT_DIR, as they do in a hook", async () => {
    process.env["GIT_DIR"] = join(directory, ".git");
    try {
      expect(await readClone(place.root)).toMatchObject({ gitDir: join(directory, ".git") });
    } finally {
      delete process.env["GIT_DIR"];
    }
  });

  it("hold the settings of the clone that reach a remote, and no others", async () => {
    git(directory, ["config", "http.https://host/.extraHeader", "Authorization: x"]);
    git(directory, ["config", "credential.helper", "!helper"]);
    git(directory, ["config", "core.sshCommand", "ssh -i key"]);
    git(directory, ["config", "core.fsmonitor", "evil"]);
    git(directory, ["config", "remote.origin.proxy", "http://proxy"]);
    git(directory, ["config", "remote.other.url", "elsewhere"]);
    git(directory, ["config", "remote.origin.mirror", "true"]);
    git(directory, ["config", "include.path", "more"]);
    writeFileSync(
      join(directory, ".git", "more"),
      '[url "https://x/"]\n\tinsteadOf = y:\n[http]\n\tsslVerify\n',
    );

    const { settings } = await readClone(directory);

    expect(settings.carrier).toBe(knowsConfigCount() ? "count" : "parameters");
    expect(new Map(settings.entries.map(({ key, value }) => [key, value]))).toEqual(
      new Map([
        ["remote.origin.url", remote],
        ["remote.origin.proxy", "http://proxy"],
        ["http.https://host/.extraheader", "Authorization: x"],
        ["credential.helper", "!helper"],
        ["core.sshcommand", "ssh -i key"],
        ["url.https://x/.insteadof", "y:"],
        ["http.sslverify", "true"],
      ]),
    );
  });

  it("hold the settings of the environment", async () => {
    Object.assign(process.env, {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "http.extraHeader",
      GIT_CONFIG_VALUE_0: "X: y",
    });
    try {
      const { settings } = await readClone(directory);
      const isKnown = settings.entries.some(({ value }) => value === "X: y");
      expect(isKnown).toBe(knowsConfigCount());
    } finally {
      for (const name of ["COUNT", "KEY_0", "VALUE_0"]) delete process.env[`GIT_CONFIG_${name}`];
    }
  });
});

describe("the remote", () => {
  it("is origin", async () => {
    git(directory, ["remote", "add", "upstream", "https://github.com/acme/shop"]);

    expect(requireRemote(await readClone(directory)).name).toBe("origin");
  });

  it("is the only one", async () => {
    git(directory, ["remote", "rename", "origin", "upstream"]);

    expect(requireRemote(await readClone(directory)).name).toBe("upstream");
  });

  it("is named by the user where there are several", async () => {
    git(directory, ["remote", "rename", "origin", "one"]);
    git(directory, ["remote", "add", "two", "x"]);
    const clone = await readClone(directory);

    expect(clone.remote).toBeNull();
    expect(() => requireRemote(clone)).toThrow(
      expect.objectContaining({
        code: "no-remote",
        message: "none of the remotes one, two is called origin",
        hint: "git remote rename one origin",
      }),
    );
  });

  it("is known by the URL that git would use", async () => {
    git(directory, ["remote", "set-url", "origin", "gh:acme/shop"]);
    git(directory, ["config", "url.https://x:token@github.com/.insteadOf", "gh:"]);

    expect((await readClone(directory)).remote?.repository).toEqual({
      host: "github.com",
      name: "acme/shop",
    });
  });
});

describe("what is no clone", () => {
  it("is said to be none, with the way out", async () => {
    const error = await refusal(readClone(place.root));

    expect(error).toMatchObject({
      code: "not-a-repository",
      exit: 2,
      hint: "run it inside a clone, or name one with -C DIR",
    });
    expect(error.message).toContain(`${realpathSync(place.root)} is not inside a git repository`);
  });

  it("is a directory that does not exist", async () => {
    const error = await refusal(readClone(join(place.root, "gone")));

    expect(error).toMatchObject({ code: "not-a-repository", hint: "name a clone with -C DIR" });
  });

  it("is a bare repository in the files of a clone, unless GIT_DIR names it", async () => {
    const planted = join(directory, "packages", "app");
    git(directory, ["init", "-q", "--bare", planted]);
    mkdirSync(join(planted, "src"));

    for (const inside of [planted, join(planted, "src")]) {
      const error = await refusal(readClone(inside));
      expect(error).toMatchObject({ code: "not-a-repository" });
      expect(error.message).toContain("a bare repository stands there in the files of another one");
    }
    process.env["GIT_DIR"] = planted;
    try {
      expect((await readClone(planted)).gitDir).toBe(realpathSync(planted));
    } finally {
      delete process.env["GIT_DIR"];
    }
  });

  it("is neither the inside of .git nor that of a submodule's repository", async () => {
    const inner = join(directory, ".git", "modules", "app");
    git(directory, ["init", "-q", "--bare", inner]);

    expect((await readClone(join(directory, ".git"))).gitDir).toBe(
      realpathSync(join(directory, ".git")),
    );
    expect((await readClone(inner)).gitDir).toBe(realpathSync(inner));
  });

  it("is one with settings that cannot be read", async () => {
    writeFileSync(join(directory, ".git", "config"), "[broken");

    expect(await refusal(readClone(directory))).toMatchObject({ code: "config-invalid", exit: 2 });
  });
});
