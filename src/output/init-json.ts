/**
 * The JSON of `optout init`.
 */
import { nextSteps } from "./init-next.ts";
import type { InitReport } from "./init-words.ts";

export interface InitJson extends Pick<InitReport, "policy" | "schema" | "log" | "stages"> {
  readonly kind: "optout/init";
  readonly v: 1;
  readonly principal: string | null;
  readonly key: {
    readonly kid: string;
    readonly fingerprint: string;
    readonly ssh: string;
    readonly source: string;
    readonly made: boolean;
  } | null;
  readonly ci: {
    readonly principal: string;
    readonly kid: string;
    readonly ssh: string;
    readonly path: string;
    readonly made: boolean;
  } | null;
  /** Commands that are left to run. */
  readonly next: readonly string[];
}

export function initJson(report: InitReport): InitJson {
  const { policy, schema, log, operator, ci, stages } = report;
  const key =
    operator === null
      ? null
      : {
          kid: operator.key.kid,
          fingerprint: operator.key.fingerprint,
          ssh: operator.key.ssh,
          source: operator.source,
          made: operator.made !== null,
        };
  return {
    kind: "optout/init",
    v: 1,
    policy,
    schema,
    log,
    principal: operator?.principal ?? null,
    key,
    ci: ci && {
      principal: ci.principal,
      kid: ci.key.kid,
      ssh: ci.key.ssh,
      path: ci.path,
      made: ci.made,
    },
    stages,
    next: nextSteps(report).flatMap(({ command }) => command ?? []),
  };
}
