/**
 * `optout doctor`: is everything in place for tonight? Never prompts, writes nothing; exit 1 when
 * something is red. A check is one entry of the list below; what it throws is its finding.
 */
import { join } from "node:path";

import { asOptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { doctorLines, type Diagnosis } from "../output/doctor-words.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { readSmallFile } from "../system/files.ts";
import { workTreeFiles } from "../system/work-tree.ts";
import { authorOf } from "./author.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { policyPath } from "./policy.ts";
import { trustedView } from "./status.ts";
import { wiringOf } from "./wiring.ts";

interface Patient {
  readonly io: Io;
  readonly open: Openers;
}

type Finding = Omit<Diagnosis, "check">;

const fine = (message: string): Finding => ({ level: "ok", message, mend: null });

const checks: readonly {
  readonly check: string;
  readonly look: (patient: Patient) => Promise<readonly Finding[]>;
}[] = [
  { check: "versions", look: () => Promise.resolve([fine(`Node ${process.versions.node}`)]) },
  { check: "policy", look: policy },
  { check: "key", look: key },
  { check: "log", look: log },
  { check: "append", look: append },
  { check: "protection", look: protection },
  { check: "CI files", look: ciFiles },
];

export async function doctor(call: Call, io: Io, open: Openers): Promise<number> {
  const all: Diagnosis[] = [];
  for (const { check, look } of checks) {
    const found = await look({ io, open }).catch((thrown: unknown): readonly Finding[] => {
      const { message, hint } = asOptoutError(thrown);
      return [{ level: "red", message, mend: hint ?? null }];
    });
    all.push(...found.map((one) => ({ check, ...one })));
  }
  if (call.has("json")) printJson(io, { kind: "optout/doctor", v: 1, findings: all });
  else {
    io.out(`${doctorLines(all, await paintOut(call, io)).join("\n")}\n`);
  }
  return exitStatus(all.some(({ level }) => level === "red") ? "failure" : "ok");
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

async function key({ open }: Patient): Promise<readonly Finding[]> {
  const [trusted, keys] = await Promise.all([open.log(), open.keys(undefined)]);
  const { principal, signer } = authorOf(trusted, keys);
  return [fine(`you are ${principal.id}, by ${signer.source} ${signer.key.fingerprint}`)];
}

async function log({ io, open }: Patient): Promise<readonly Finding[]> {
  const trusted = await open.log();
  const view = await trustedView(trusted, io);
  const newest = Math.max(...view.readings.map(iatOf));
  const behind = newest - io.now();
  const size = (view.readings.at(-1)?.seq ?? -1) + 1;
  const told = fine(`${trusted.store.name}: ${size} positions, nothing contradicts`);
  if (behind <= 120) return [told];
  const message = `this machine's clock is ${behind} s behind the log's newest statement`;
  return [told, { level: "red", message, mend: "set the clock" }];
}

function iatOf(reading: { verdict(): { readonly kind: string } }): number {
  const verdict: { readonly kind: string; readonly statement?: { readonly iat: number } } =
    reading.verdict();
  return verdict.kind === "genuine" ? (verdict.statement?.iat ?? 0) : 0;
}

async function append({ open }: Patient): Promise<readonly Finding[]> {
  const { store } = await open.log();
  const { appendable, detail } = await store.probe();
  if (appendable) return [fine(detail)];
  return [{ level: "red", message: detail, mend: "ask an admin who may push to the log" }];
}

/** git's protocol does not tell the rules of a branch. */
async function protection({ open }: Patient): Promise<readonly Finding[]> {
  const { policy: trusted } = await open.log();
  if (trusted.log.store !== "git") return [];
  const { repository } = await open.workplace();
  const { branch } = trusted.log;
  const message = `git cannot tell whether ${branch} is protected: linear history, no force push, no deletion`;
  const ask =
    repository.host === "github.com"
      ? `gh api repos/${repository.name}/rules/branches/${branch}`
      : null;
  return [{ level: "unknown", message, mend: ask }];
}

async function ciFiles({ open }: Patient): Promise<readonly Finding[]> {
  const [{ root }, trusted] = await Promise.all([open.workplace(), open.log()]);
  if (root === null) return [];
  const { wiring, findings } = await wiringOf(workTreeFiles(root), trusted.policy);
  if (findings.length === 0) return [fine(`${wiring.asks.length} places ask optout`)];
  return findings.map(({ weight, file, line, meaning, detail, mend }) => ({
    level: weight,
    message: `${file}:${line} ${meaning} (${detail})`,
    mend,
  }));
}
