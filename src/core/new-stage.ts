/**
 * A stage that a new policy begins with, and what its name tells about its kind.
 */
import type { ForgeName } from "./forge-name.ts";

/** `deploy`: its running is the danger. */
export type StageKind = "quality" | "deploy";

export interface NewStage {
  readonly id: string;
  readonly kind: StageKind;
  /** Where it was found; null when somebody named it. Lines count from 1. */
  readonly from: { readonly file: string; readonly line: number } | null;
  /** The environment of its job; null where that names none. */
  readonly environment: string | null;
  /** Where a gate had better decide before its job starts, for that may be unable to ask. */
  readonly gate?: ForgeName | null | undefined;
}

const deployWords = new Set("promote publish publishing release releases rollout".split(" "));
const qualityWords = new Set(
  (
    "audit bench benchmark check checks coverage cypress e2e eslint fmt format formatting integration " +
    "knip lint linter linting lints oxlint playwright prettier quality sast scan security smoke spec " +
    "specs style stylelint test tests tsc typecheck types typing unit vet"
  ).split(" "),
);

/** What the words of a stage's name tell; null where they tell nothing. A doubtful one is a deploy. */
export function kindOfName(name: string): StageKind | null {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  if (words.some((word) => word.startsWith("deploy") || deployWords.has(word))) return "deploy";
  if (words.some((word) => qualityWords.has(word))) return "quality";
  return words.join(" ").includes("type check") ? "quality" : null;
}
