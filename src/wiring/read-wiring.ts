/**
 * Reads the CI files of a tree. Never throws over what stands in a file: what cannot be read is told.
 */
import { globMatches } from "../core/glob.ts";
import { asksIn, scriptsRunIn, type ScriptAsk } from "./asks.ts";
import { entriesOf, itemsOf, member, readCiYaml, type CiNode } from "./ci-yaml.ts";
import { Starts } from "./github-triggers.ts";
import { readWorkflow, type JobScript, type ReadJobs } from "./github-workflow.ts";
import { localAction, stepsOf, type LocalActions } from "./local-actions.ts";
import { childIncludesOf, includesOf, readPipeline, type Include } from "./gitlab-pipeline.ts";
import type { Ask, CiJob, SourceTree, Spot, Unreadable, Unseen, Wiring } from "./wiring.ts";

const workflows = ".github/workflows";
const pipeline = ".gitlab-ci.yml";
const manifest = "package.json";
/** Files that one pipeline may include; GitLab allows 150. */
const maxIncludes = 150;
/** Local actions that are read. */
const maxActions = 150;

/** Everything that the tree's CI files ask. @throws what the tree throws */
export async function readWiring(tree: SourceTree): Promise<Wiring> {
  const found = new Found(tree);
  await readWorkflows(found);
  if ((await tree.read(pipeline)) !== null) await readPipelines(found);
  const scripts = await readScripts(found);
  followScripts(found, scripts);
  const { files, jobs, loose, unseen, unreadable } = found;
  return {
    files,
    jobs,
    asks: [...jobs.flatMap(({ asks }) => asks), ...loose],
    scripts: [...scripts].map(([name, { line }]) => ({ name, file: manifest, line })),
    unseen,
    unreadable,
  };
}

/** What is found grows file by file. */
class Found {
  readonly tree: SourceTree;
  readonly files: string[] = [];
  readonly scripts: JobScript[] = [];
  readonly unseen: Unseen[] = [];
  readonly unreadable: Unreadable[] = [];
  readonly loose: Ask[] = [];
  jobs: readonly CiJob[] = [];

  constructor(tree: SourceTree) {
    this.tree = tree;
  }

  add({ jobs, scripts, unseen }: ReadJobs): void {
    this.jobs = [...this.jobs, ...jobs];
    this.scripts.push(...scripts);
    this.unseen.push(...unseen);
  }

  /** None for a file that cannot be read. */
  async documents(path: string, by?: Spot): Promise<readonly CiNode[]> {
    const bytes = await this.tree.read(path);
    if (bytes === null) {
      if (by !== undefined) this.unreadable.push({ ...by, why: `there is no ${path}` });
      return [];
    }
    this.files.push(path);
    const read = readCiYaml(path, bytes);
    if (read.kind === "read") return read.documents;
    this.unreadable.push({ file: path, line: read.line, why: read.why });
    return [];
  }
}

/** All are read before the first is judged, for they call each other. */
async function readWorkflows(found: Found): Promise<void> {
  const documents = new Map<string, CiNode>();
  for (const path of await found.tree.list(workflows)) {
    const [document] = /\.ya?ml$/.test(path) ? await found.documents(path) : [];
    if (document !== undefined) documents.set(path, document);
  }
  const actions = await readActions(found, [...documents.values()].flatMap(stepsOfJobs));
  const starts = new Starts(documents);
  for (const [path, document] of documents) {
    found.add(readWorkflow(document, { start: starts.of(path), actions }));
  }
}

const stepsOfJobs = (document: CiNode): readonly CiNode[] =>
  entriesOf(member(document, "jobs")).flatMap(([, job]) => itemsOf(member(job, "steps")));

/** The composite actions that the steps use, and those that these use. */
async function readActions(found: Found, steps: readonly CiNode[]): Promise<LocalActions> {
  const actions = new Map<string, CiNode>();
  const waiting = steps.flatMap((step) => localAction(step) ?? []);
  const seen = new Set<string>();
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (seen.has(path) || seen.size >= maxActions) continue;
    seen.add(path);
    const action = await readAction(found, path === "" ? "" : `${path}/`);
    if (action === undefined) continue;
    actions.set(path, action);
    waiting.push(...stepsOf(action).flatMap((step) => localAction(step) ?? []));
  }
  return actions;
}

/** One that is not there may come from another repository, and is nothing to complain of. */
async function readAction(found: Found, directory: string): Promise<CiNode | undefined> {
  for (const name of ["action.yml", "action.yaml"]) {
    if ((await found.tree.read(`${directory}${name}`)) === null) continue;
    return (await found.documents(`${directory}${name}`))[0];
  }
  return undefined;
}

/** The pipeline of the repository, and those that its jobs start from files of their own. */
async function readPipelines(found: Found): Promise<void> {
  const waiting: string[][] = [[pipeline]];
  const seen = new Set<string>();
  for (let roots = waiting.shift(); roots !== undefined; roots = waiting.shift()) {
    const children: Include[] = [];
    const documents: CiNode[] = [];
    for (const root of roots) {
      if (seen.has(root)) continue;
      seen.add(root);
      documents.push(...(await withIncludes(found, root, children)));
    }
    found.add(readPipeline(documents, !roots.includes(pipeline)));
    for (const child of children) {
      if (child.kind !== "local") tellElsewhere(found, child);
      else waiting.push([normal(child.path)]);
    }
  }
}

/** The documents of a file after those that it includes, which it overrides. */
async function withIncludes(
  found: Found,
  root: string,
  children: Include[],
): Promise<readonly CiNode[]> {
  const seen = new Set([root]);
  const read = async (path: string, by?: Spot): Promise<readonly CiNode[]> => {
    const documents = await found.documents(path, by);
    const content = documents.length > 1 ? documents.slice(1) : documents;
    const included: CiNode[] = [];
    for (const include of content.flatMap(includesOf)) {
      if (include.kind !== "local") {
        tellElsewhere(found, include);
        continue;
      }
      if (isWide(include.path)) found.unseen.push({ ...include.spot, what: include.path });
      for (const next of await matching(found.tree, include.path)) {
        if (seen.has(next) || seen.size > maxIncludes) continue;
        seen.add(next);
        included.push(...(await read(next, include.spot)));
      }
    }
    children.push(...content.flatMap(childIncludesOf));
    return [...included, ...content];
  };
  return read(root);
}

function tellElsewhere(found: Found, include: Exclude<Include, { kind: "local" }>): void {
  found.unseen.push(include.unseen);
  if (include.kind === "component") found.loose.push(...include.asks);
}

const normal = (path: string): string => path.replace(/^(?:\.?\/)+/, "");

/** Whether a glob reaches into directories, of which only the one that it names is looked at. */
const isWide = (path: string): boolean => /\*\*|\*[^/]*\//.test(path);

/** A path, or the files of its directory that its last part matches. */
async function matching(tree: SourceTree, path: string): Promise<readonly string[]> {
  const plain = normal(path);
  if (!plain.includes("*")) return [plain];
  const directory = plain.slice(0, plain.lastIndexOf("/") + 1);
  if (directory.includes("*")) return [];
  const files = await tree.list(directory.replace(/\/$/, ""));
  return files.filter((file) => globMatches(plain, file));
}

// --- package.json

/** Lets the asks of the scripts that a job runs count as the job's. */
function followScripts(found: Found, scripts: ReadonlyMap<string, Script>): void {
  const run = new Map<string, Set<string>>();
  for (const { job, text } of found.scripts) {
    const reached = run.get(job) ?? new Set<string>();
    reach(text, scripts, reached);
    run.set(job, reached);
  }
  const asked = (name: string, job: string | null): readonly Ask[] => {
    const script = scripts.get(name);
    return (script?.asks ?? []).map((ask) => ({
      ...ask,
      file: manifest,
      line: script?.line ?? 1,
      job,
    }));
  };
  found.jobs = found.jobs.map((job) => {
    const more = [...(run.get(job.name) ?? [])].flatMap((name) => asked(name, job.name));
    return more.length === 0 ? job : { ...job, asks: [...job.asks, ...more] };
  });
  const all = new Set([...run.values()].flatMap((names) => [...names]));
  for (const name of scripts.keys()) if (!all.has(name)) found.loose.push(...asked(name, null));
}

interface Script {
  readonly text: string;
  readonly line: number;
  readonly asks: readonly ScriptAsk[];
}

function reach(text: string, scripts: ReadonlyMap<string, Script>, reached: Set<string>): void {
  for (const name of scriptsRunIn(text)) {
    const script = scripts.get(name);
    if (script === undefined || reached.has(name)) continue;
    reached.add(name);
    reach(script.text, scripts, reached);
  }
}

/** JSON is YAML as well, and so the lines are known. */
async function readScripts(found: Found): Promise<ReadonlyMap<string, Script>> {
  const [document] = await found.documents(manifest);
  const scripts = member(document, "scripts");
  if (scripts?.kind !== "map") return new Map();
  return new Map(
    [...scripts.entries].flatMap(([name, node]): [string, Script][] =>
      node.kind === "text"
        ? [[name, { text: node.text, line: node.line, asks: asksIn(node.text) }]]
        : [],
    ),
  );
}
