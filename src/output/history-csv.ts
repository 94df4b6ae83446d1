/**
 * `optout history --csv`: one override a row, for a spreadsheet. What its members mean is said once,
 * by the JSON of an override; the reason is as it was given, with secrets masked.
 */
import type { CsvColumn } from "./csv.ts";
import type { OverrideJson } from "./override-json.ts";
import { redact } from "./redact.ts";

export const historyCsvColumns: readonly CsvColumn<OverrideJson>[] = [
  { heading: "seq", text: ({ seq }) => `${seq}` },
  { heading: "id", text: ({ id }) => id },
  { heading: "state", text: ({ state }) => state },
  { heading: "action", text: ({ action }) => action },
  { heading: "stage", text: ({ target }) => target.name },
  { heading: "branches", text: ({ scope }) => listed(scope.branches) },
  { heading: "heads", text: ({ scope }) => listed(scope.heads) },
  { heading: "tags", text: ({ scope }) => listed(scope.tags) },
  { heading: "sha", text: ({ scope }) => scope.sha ?? "" },
  { heading: "pr", text: ({ scope }) => `${scope.pr ?? ""}` },
  { heading: "environment", text: ({ scope }) => scope.environment ?? "" },
  { heading: "forks", text: ({ scope }) => `${scope.forks}` },
  { heading: "issued_at", text: ({ issuedAt }) => issuedAt },
  { heading: "not_before", text: ({ notBefore }) => notBefore },
  { heading: "expires_at", text: ({ expiresAt }) => expiresAt },
  { heading: "by", text: ({ by }) => by },
  { heading: "approved_by", text: ({ approvals }) => listed(approvals.map(({ by }) => by)) },
  { heading: "emergency", text: ({ emergency }) => `${emergency}` },
  { heading: "once", text: ({ once }) => `${once}` },
  { heading: "uses", text: ({ uses }) => `${uses}` },
  { heading: "rule", text: ({ policy }) => policy.rule ?? "" },
  { heading: "reason_code", text: ({ reason }) => reason.code },
  { heading: "reason", text: ({ reason }) => redact(reason.text) },
  { heading: "tickets", text: ({ tickets }) => listed(tickets) },
  { heading: "results_recorded", text: ({ results }) => `${results.recorded}` },
  { heading: "results_passed", text: ({ results }) => `${results.passed}` },
  { heading: "key_in_policy", text: ({ keyInPolicy }) => `${keyInPolicy}` },
  // new ones come last, for whoever counts columns
  { heading: "runs", text: ({ runs }) => listed(runs.map(({ forge, run }) => `${forge}:${run}`)) },
  { heading: "signed_under", text: ({ signedUnder }) => signedUnder.commit },
];

/** Names of branches, people and tickets hold no space. */
const listed = (names: readonly string[] | "*"): string => (names === "*" ? "*" : names.join(" "));
