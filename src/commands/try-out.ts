/**
 * `--dry-run` of the commands that say something about overrides: the operation runs as it would, with a
 * writer that signs and places nothing, so that every refusal is the true one.
 */
import { exitStatus } from "../core/exit.ts";
import type { Standing } from "../core/state.ts";
import type { Statement } from "../core/statement.ts";
import type { Writer } from "../operations/write.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { dryRunLines, previewJson, type WouldBe } from "../output/preview-words.ts";
import { followUpLines } from "../output/follow-up-words.ts";
import { linesFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import { readEffects } from "./effect.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { wouldHear } from "./telling.ts";

export interface Tried {
  readonly chosen: readonly Standing[];
  /** The operation, with the writer that it is given. */
  readonly act: (writer: Writer, standing: Standing) => Promise<unknown>;
}

interface TryScene {
  readonly open: Openers;
  readonly log: OpenLog;
  readonly writer: Writer;
  readonly defaultBranch: string | null;
}

/**
 * Tells what the act would do to each of the overrides.
 * @throws what the act throws
 */
export async function tryOut(call: Call, io: Io, scene: TryScene, tried: Tried): Promise<number> {
  const all = await wouldBe(io, scene, tried);
  if (call.has("json")) {
    printJson(io, previewJson(all));
    return exitStatus("ok");
  }
  const context = { policySource: scene.log.policySource, paint: await paintOut(call, io) };
  io.out(
    linesFor(
      io,
      all.flatMap((one) => dryRunLines(one, context)),
    ),
  );
  return exitStatus("ok");
}

/** The same for a question that comes first. */
export async function wouldBe(
  io: Io,
  { open, log, writer, defaultBranch }: TryScene,
  { chosen, act }: Tried,
): Promise<readonly WouldBe[]> {
  const asked = chosen.map(({ judged: { statement } }) => ({
    action: statement.action,
    stage: statement.target.name,
    scope: statement.scope,
  }));
  const effects = await readEffects(asked, log, open);
  const all: WouldBe[] = [];
  for (const standing of chosen) {
    const signed: Statement[] = [];
    await act({ ...writer, trial: (statement) => signed.push(statement) }, standing);
    const statement = signed[0] ?? null;
    const { judged } = standing;
    const stage = judged.statement.target.name;
    const told =
      statement === null ? [] : await wouldHear(log.policy, statement, judged, defaultBranch);
    const context = { now: io.now(), zone: io.zone };
    const words = followUpLines(standing, statement, context);
    all.push({
      ...words,
      stage,
      rule: judged.rule,
      approvers: null,
      effects: effects.get(stage) ?? [],
      told,
      statement,
    });
  }
  return all;
}
