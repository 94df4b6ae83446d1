/**
 * What asks about a stage, at the end of what the commands say that record an override.
 */
import type { Action } from "../core/policy.ts";
import { forTerminal } from "./escape.ts";
import type { AskJson, EffectJson } from "./override-json.ts";
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
  const shown = effects.slice(0, maxLines).flatMap((effect) => {
    const where = effects.length > 1 ? ` on ${namesOf(effect)}` : "";
    return placeLines(stage, effect, where, paint);
  });
  const more = effects.length - Math.min(effects.length, maxLines);
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

function placeLines(
  stage: string,
  effect: EffectJson,
  where: string,
  paint: Paint,
): readonly string[] {
  const { asks, doubt, others } = effect;
  const end = others ? " there; other branches were not looked at" : "";
  const vain = (why: string): string =>
    marked(paint, "suspended", `${why}: this will have no effect${end}`);
  if (asks.length > 0) return askedLines(stage, effect, where, { paint, vain });
  if (doubt === null) return [vain(nothingAsks(stage, effect))];
  const why = forTerminal(doubt);
  return [`  it could not be told which CI files${where} ask about ${stage} (${why})`];
}

function askedLines(
  stage: string,
  { action, asks }: EffectJson,
  where: string,
  { paint, vain }: { readonly paint: Paint; readonly vain: (why: string) => string },
): readonly string[] {
  const obeying = asks.filter(({ obeys }) => obeys);
  const deaf = asks.filter(({ obeys }) => !obeys);
  const words = [...new Set(deaf.map(groupOf))].map((group) =>
    disobeyedWords(
      stage,
      action,
      deaf.filter((ask) => groupOf(ask) === group),
    ),
  );
  return [
    ...(obeying.length === 0 ? [] : [`  asked for${where} by ${askers(obeying)}`]),
    ...words.map((why) =>
      obeying.length === 0 ? vain(`${why}${where}`) : marked(paint, "suspended", `${why}${where}`),
    ),
    ...(deaf.length === 0 ? [] : [`    optout run ${stage} -- COMMAND   (obeys every action)`]),
  ];
}

const groupOf = ({ form }: AskJson): string => formWords(form);

/** `ci.yml (job deploy) asks about deploy-prod with check, which does not obey a hold`. */
export function disobeyedWords(stage: string, action: Action, asks: readonly AskJson[]): string {
  const [ask] = asks;
  const verb = asks.length === 1 ? "asks" : "ask";
  const what = `${action === "allow-failure" ? "an" : "a"} ${action}`;
  return `${askers(asks)} ${verb} about ${stage} ${formWords(ask?.form ?? "")} not obey ${what}`;
}

/** Only of a gate the jobs behind it can be at fault. */
const formWords = (form: string): string =>
  form.startsWith("check")
    ? `with ${form === "check" ? "check" : "check ||"}, which does`
    : "for jobs behind it, which do";

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
