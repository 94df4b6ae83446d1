/**
 * `optout doctor`: is everything in place for tonight? Never prompts, writes no position; exit 1 when
 * something is red. A check is one entry of the list below; what it throws is its finding.
 */
import { join } from "node:path";

import { asOptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { forgeByName } from "../core/forge-name.ts";
import { dueReviews, reviewHorizon } from "../core/reviews.ts";
import { doctorLines, type Diagnosis, type DoctorJson } from "../output/doctor-words.ts";
import { tellerWords, undeliveredWords } from "../output/notify-words.ts";
import { agoWords } from "../output/times.ts";
import { linesFor } from "../output/wrap.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { readSmallFile } from "../system/files.ts";
import type { Call } from "./command.ts";
import { clock, fine, key, versions, type Finding, type Patient } from "./doctor-machine.ts";
import type { OpenLog, Openers, Workplace } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { policyPath } from "./policy-file.ts";
import { revokedKeys, trustedView } from "./read-log.ts";
import { readerOf } from "./reader.ts";
import { undeliveredIn } from "./undelivered.ts";
import { wiringAt } from "./wiring.ts";

const checks: readonly {
  readonly check: string;
  readonly look: (patient: Patient) => Promise<readonly Finding[]>;
}[] = [
  { check: "versions", look: versions },
  { check: "clone", look: clone },
  { check: "clock", look: clock },
  { check: "policy", look: policy },
  { check: "key", look: key },
  { check: "log", look: log },
  { check: "reviews", look: reviews },
  { check: "notices", look: notices },
  { check: "append", look: append },
  { check: "protection", look: protection },
  { check: "CI files", look: ciFiles },
];

export async function doctor(call: Call, io: Io, open: Openers): Promise<number> {
  const all: Diagnosis[] = [];
  for (const { check, look } of checks) {
    const found = await look({ io, open, ref: call.text("ref") }).catch(
      (thrown: unknown): readonly Finding[] => [inTheWay(thrown, all)],
    );
    all.push(...found.map((one) => ({ check, ...one })));
  }
  if (call.has("json")) {
    printJson(io, { kind: "optout/doctor", v: 1, findings: all } satisfies DoctorJson);
  } else {
    io.out(linesFor(io, doctorLines(all, await paintOut(call, io))));
  }
  return exitStatus(all.some(({ level }) => level === "red") ? "failure" : "ok");
}

/** Without one there is nothing else to look at. */
async function clone({ open }: Patient): Promise<readonly Finding[]> {
  await open.workplace();
  return [];
}

/** What is in the way of several checks is told with the first of them. */
function inTheWay(thrown: unknown, told: readonly Diagnosis[]): Finding {
  const { message, hint = null } = asOptoutError(thrown);
  const known = told.find((one) => one.message === message);
  if (known === undefined) return { level: "red", message, mend: hint };
  return { level: "red", message: `not looked at, see ${known.check}`, mend: null };
}

const maxPolicyBytes: number = 256 * 1024;

/** What counts is on the trusted ref; the work tree's may be another by now. */
async function policy({ open }: Patient): Promise<readonly Finding[]> {
  const [{ root, remote }, trusted] = await Promise.all([open.workplace(), open.log()]);
  const where = `${trusted.policySource}, ${trusted.policyCommit.slice(0, 7)}`;
  const warnings = trusted.policy.warnings.map(({ line, message }): Finding => ({
    level: "warning",
    message: `line ${line}: ${message}`,
    mend: "optout policy check",
  }));
  if (root === null || remote === null || isSame(root, trusted.policy.text)) {
    return [fine(where), ...warnings];
  }
  const mend = `git diff ${remote}/HEAD -- ${policyPath}`;
  const message = `${where}; the work tree's differs and does not count`;
  return [{ level: "warning", message, mend }, ...warnings];
}

function isSame(root: string, text: string): boolean {
  return readSmallFile(join(root, policyPath), maxPolicyBytes)?.toString("utf8") === text;
}

async function log({ io, open }: Patient): Promise<readonly Finding[]> {
  const trusted = await open.log();
  const view = await trustedView(trusted, io);
  const newest = Math.max(...view.readings.map(iatOf));
  const behind = newest - io.now();
  const size = (view.readings.at(-1)?.seq ?? -1) + 1;
  const message = `this machine's clock is ${behind} s behind the log's newest statement`;
  return [
    fine(`${trusted.store.name}: its end is #${size - 1}, nothing contradicts`),
    ...(behind <= 120 ? [] : [{ level: "red", message, mend: "set the clock" } as const]),
    ...revokedKeys(view).map(({ kid, owner }): Finding => ({
      level: "red",
      message: `a key of ${owner} is revoked, and the policy still lists it: ${kid}`,
      mend: `take it out of principals.${owner}.keys in ${policyPath}, and have that merged`,
    })),
  ];
}

function iatOf(reading: { verdict(): { readonly kind: string } }): number {
  const verdict: { readonly kind: string; readonly statement?: { readonly iat: number } } =
    reading.verdict();
  return verdict.kind === "genuine" ? (verdict.statement?.iat ?? 0) : 0;
}

/** Nothing is told where the policy asks for no reviews. */
async function reviews({ io, open }: Patient): Promise<readonly Finding[]> {
  const [trusted, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
  const horizon = reviewHorizon(trusted.policy);
  if (horizon === 0) return [];
  const view = await trustedView(trusted, io, { atLeastSeconds: horizon });
  const overdue = dueReviews(view, defaultBranch).filter(({ at }) => io.now() >= at);
  if (overdue.length === 0) return [fine("no review of an emergency is overdue")];
  return overdue.map(({ created }) => ({
    level: "warning",
    message: `nobody has reviewed the emergency #${created.reading.seq} in time: overrides by its rule need one approval more`,
    mend: `optout review ${created.reading.seq} --outcome ok -m "…"`,
  }));
}

/** Nothing is told where the policy names no channel. */
async function notices({ io, open }: Patient): Promise<readonly Finding[]> {
  const [trusted, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
  if (trusted.policy.notify.length === 0) return [];
  const view = await trustedView(trusted, io);
  const untold = await undeliveredIn(trusted, view, {
    open,
    io,
    defaultBranch,
    reader: () => readerOf(trusted, open),
  });
  if (untold.length === 0) return [fine("everyone was told")];
  return untold.map((one) => ({
    level: "warning",
    message: undeliveredWords(one),
    mend: tellerWords(one),
  }));
}

async function append({ io, open }: Patient): Promise<readonly Finding[]> {
  const trusted = await open.log();
  const { appendable, detail, warnings = [] } = await trusted.store.probe();
  if (!appendable) {
    return [{ level: "red", message: detail, mend: "ask an admin who may write to the log" }];
  }
  const taken = trusted.policy.log.store === "git" ? [await takenBefore(trusted, io, open)] : [];
  return [
    fine(detail),
    ...taken,
    ...warnings.map((one): Finding => ({ level: "warning", ...one })),
  ];
}

/**
 * What a rehearsal cannot show: a host judges by its push rules only what it is truly sent, and what is
 * sent stays. So it is told when it last took something of this person.
 */
async function takenBefore(trusted: OpenLog, io: Io, open: Openers): Promise<Finding> {
  const [view, reader] = await Promise.all([trustedView(trusted, io), readerOf(trusted, open)]);
  const last = view.readings.findLast((reading) => {
    const verdict = reading.verdict();
    return verdict.kind === "genuine" && verdict.principal.id === reader?.id;
  });
  if (last !== undefined) {
    return fine(`the host took your #${last.seq} ${agoWords(iatOf(last), io.now())}`);
  }
  const message =
    "since it was begun the log took nothing of yours in view: whether rules of the host refuse you shows with your first override";
  return { level: "unknown", message, mend: null };
}

/** git's protocol does not tell the rules of a branch. */
async function protection({ open }: Patient): Promise<readonly Finding[]> {
  const { policy: trusted } = await open.log();
  if (trusted.log.store !== "git") return [];
  const { repository } = await open.workplace();
  const { branch } = trusted.log;
  const message = `git cannot tell whether ${branch} is protected: linear history, no force push, no deletion`;
  return [{ level: "unknown", message, mend: protectionCommand(repository, branch) }];
}

/** What asks the host itself, by the tool that people have for it. */
function protectionCommand({ host, name }: Workplace["repository"], branch: string): string | null {
  if (host === "github.com") return `gh api repos/${name}/rules/branches/${branch}`;
  if (forgeByName(host) !== "gitlab") return null;
  const project = encodeURIComponent(name);
  const at = host === "gitlab.com" ? "" : ` --hostname ${host}`;
  return `glab api${at} projects/${project}/protected_branches/${encodeURIComponent(branch)}`;
}

async function ciFiles({ open, ref }: Patient): Promise<readonly Finding[]> {
  const { wiring, findings } = await wiringAt(open, await open.log(), ref);
  const where = ref === undefined ? "" : ` on ${ref}`;
  if (findings.length === 0) return [fine(`${wiring.asks.length} places${where} ask optout`)];
  return findings.map(({ weight, file, line, meaning, detail, mend }) => ({
    level: weight,
    message: `${file}:${line} ${meaning} (${detail})`,
    mend,
  }));
}
