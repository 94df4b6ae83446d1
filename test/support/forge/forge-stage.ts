/**
 * A stage whose remote is on a forge: git over http for the repository, and the forge's API beside it.
 * Alice is signed in with a token; her policy and log are in place.
 */
import { basename, dirname, join } from "node:path";
import { readFileSync, writeFileSync } from "node:fs";
import { serveGit, type HttpGit } from "../http-git.ts";
import { makeKey, makeStage, must, push, teamPolicy, writeFiles, type Stage } from "../stage.ts";

export const token = "token-of-alice";

export interface ForgeStage extends Stage {
  readonly git: HttpGit;
  /** `OWNER/NAME` of the remote. */
  readonly repository: string;
}

export interface ForgeStageOptions {
  readonly forge: "github" | "gitlab";
  /** The API's server. */
  readonly url: string;
  readonly files: Readonly<Record<string, string>>;
  readonly policy?: (text: string) => string;
}

export async function makeForgeStage(options: ForgeStageOptions): Promise<ForgeStage> {
  const served: HttpGit[] = [];
  let repository = "";
  const stage = await makeStage({
    url: async (folder) => {
      const git = await serveGit(dirname(folder));
      served.push(git);
      repository = `${basename(folder)}/shop`;
      return `${git.origin}/${repository}.git`;
    },
    prepare: ({ home }, url) => {
      const config = readFileSync(join(home, ".gitconfig"), "utf8");
      writeFileSync(join(home, ".gitconfig"), `${config}[credential]\n\thelper = store\n`);
      const login = new URL(url);
      writeFileSync(
        join(home, ".git-credentials"),
        `http://alice:s3cret@${login.host}${login.pathname}\nhttp://alice:s3cret@${login.host}\n`,
      );
    },
  });
  const [git] = served;
  if (git === undefined) throw new Error("no git is served");
  const { laptop } = stage;
  const key = await makeKey(laptop);
  const text = teamPolicy({ alice: key, bob: key, ci: key })
    .split("\n")
    .filter((line) => !/^ {2}(bob|ci):/.test(line))
    .join("\n");
  writeFiles(laptop, {
    ...options.files,
    ".optout/policy.yaml": options.policy === undefined ? text : options.policy(text),
  });
  await must(laptop, ["init", "--yes"]);
  await push(laptop, "Add the optout policy");
  const login = ["login", "--host", options.url, "--forge", options.forge, "--with-token"];
  await must(laptop, login, { input: `${token}\n` });
  return { ...stage, git, repository };
}
