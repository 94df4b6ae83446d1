/**
 * The table of `optout history`: one override a row.
 */
import { formatDuration } from "../core/duration.ts";
import type { UnixSeconds } from "../core/policy.ts";
import type { Standing } from "../core/state.ts";
import { formatUtc } from "../core/time.ts";
import { isByFormer } from "./override-json.ts";
import { redact } from "./redact.ts";
import { stateTones } from "./paint.ts";
import { scopeTitle } from "./scope-words.ts";
import type { Column } from "./table.ts";
import { agoWords } from "./times.ts";

/** The columns, as seen at `now`. @param results of an override, in words; null where none has any */
export function historyColumns(
  now: UnixSeconds,
  results: ((standing: Standing) => string) | null,
): readonly Column<Standing>[] {
  return [
    {
      heading: "#",
      text: ({ judged }) => `#${judged.seq}`,
      exact: ({ judged }) => `${judged.seq}`,
    },
    {
      heading: "WHEN",
      text: ({ judged }) => agoWords(judged.statement.iat, now),
      exact: ({ judged }) => formatUtc(judged.statement.iat),
    },
    { heading: "STATE", text: ({ state }) => state, tone: ({ state }) => stateTones[state] },
    {
      heading: "ACTION",
      text: ({ judged }) =>
        actionText(judged.statement.action, judged.statement.emergency === true),
    },
    { heading: "STAGE", text: ({ judged }) => judged.statement.target.name },
    { heading: "WHERE", text: ({ judged }) => scopeTitle(judged.statement.scope) },
    {
      heading: "FOR",
      text: ({ judged }) => formatDuration(judged.statement.duration),
      exact: ({ judged }) => formatUtc(judged.end),
    },
    {
      heading: "BY",
      text: ({ judged }) => (isByFormer(judged) ? `${judged.author.id} (gone)` : judged.author.id),
      exact: ({ judged }) => judged.author.id,
    },
    {
      heading: "WHY",
      text: ({ judged }) => redact(judged.statement.reason.text),
      free: true,
    },
    { heading: "TICKETS", text: ({ judged }) => judged.statement.tickets.join(" ") },
    { heading: "ID", text: ({ judged }) => judged.statement.id, spare: true },
    ...(results === null ? [] : [{ heading: "RESULTS", text: results }]),
  ];
}

const actionText = (action: string, emergency: boolean): string =>
  emergency ? `${action} (emergency)` : action;
