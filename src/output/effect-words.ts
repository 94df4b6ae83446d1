/**
 * What asks about a stage, at the end of what the commands say that record an override.
 */
import { forTerminal } from "./escape.ts";
import type { EffectJson } from "./override-json.ts";
import { marked, type Paint } from "./paint.ts";

/** Lines for one override, and files in one line, beyond which they are counted. */
const maxLines = 6;
const maxFiles = 3;

/** One line for each place of the scope. */
export function effectLines(
  stage: string,
  effects: readonly EffectJson[],
  paint: Paint,
): readonly string[] {
  const shown = effects.slice(0, maxLines).map((effect) => {
    const where = effects.length > 1 ? ` on ${namesOf(effect)}` : "";
    return effectLine(stage, effect, where, paint);
  });
  const more = effects.length - shown.length;
  const behind = behindWords(effects);
  return [
    ...shown,
    ...(more === 0 ? [] : [`  and ${more} more places`]),
    ...(behind === null ? [] : [`  jobs behind it: ${behind}`]),
  ];
}

const maxJobs = 8;

/** The jobs that come after those that ask; null where none is known. */
export function behindWords(effects: readonly EffectJson[]): string | null {
  const jobs = [...new Set(effects.flatMap(({ behind }) => behind.map(({ job }) => job)))];
  if (jobs.length === 0) return null;
  const shown = jobs.slice(0, maxJobs).map(forTerminal).join(", ");
  return jobs.length > maxJobs ? `${shown} and ${jobs.length - maxJobs} more` : shown;
}

function effectLine(stage: string, effect: EffectJson, where: string, paint: Paint): string {
  const { asks, doubt, others } = effect;
  if (asks.length > 0) return `  asked for${where} by ${askers(asks)}`;
  if (doubt !== null) {
    const why = forTerminal(doubt);
    return `  it could not be told which CI files${where} ask about ${stage} (${why})`;
  }
  const end = others ? " there; other branches were not looked at" : "";
  return marked(
    paint,
    "suspended",
    `${nothingAsks(stage, effect)}: this will have no effect${end}`,
  );
}

/** Who asks in vain is named: an override for another place may be what is wanted. */
function nothingAsks(stage: string, effect: EffectJson): string {
  const { notRun, others } = effect;
  if (notRun.length === 0) return `nothing on ${namesOf(effect)} asks optout about ${stage}`;
  const where = others ? "anywhere" : `for ${namesOf(effect)}`;
  const verb = notRun.length === 1 ? "asks about" : "ask about";
  const runs = notRun.length === 1 ? "does" : "do";
  return `${askers(notRun)} ${verb} ${stage}, and ${runs} not run ${where}`;
}

const namesOf = ({ on }: EffectJson): string => forTerminal(on.join(" or "));

/** `.github/workflows/ci.yml (job lint)`. */
export function askers(asks: EffectJson["asks"]): string {
  const all = [
    ...new Set(
      asks.map(
        ({ file, job }) =>
          `${forTerminal(file)}${job === null ? "" : ` (job ${forTerminal(job)})`}`,
      ),
    ),
  ];
  const shown = all.slice(0, maxFiles).join(", ");
  return all.length > maxFiles ? `${shown} and ${all.length - maxFiles} more` : shown;
}
