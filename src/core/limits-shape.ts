/**
 * The shape of the policy's limits over several overrides: how long in all, how many at the same
 * time, and how often one is extended.
 */
import type { Limits } from "./policy.ts";
import { duration } from "./policy-words.ts";
import { integer, map, type Shape } from "./shape.ts";
import { mapping, optional, required } from "./shape-collections.ts";

const someOpen = integer(1, 1_000);

const perStage = mapping(
  { total: optional(duration()), within: optional(duration()), open: optional(someOpen) },
  ({ total, within, open }, problem) => {
    if (total === null && within === null) {
      if (open === null) problem("total", "is missing, and so are within and open");
      return;
    }
    if (total === null) problem("total", "is missing: within says how far back it reaches");
    else if (within === null) problem("within", "is missing: total is the most within it");
    else if (total > within) problem("total", "is longer than within");
  },
);

const extensions = mapping(
  { count: optional(integer(0, 1_000)), total: optional(duration()) },
  ({ count, total }, problem) => {
    if (count === null && total === null) problem("count", "is missing, and so is total");
  },
);

export const limits: Shape<Limits> = map(
  mapping({
    per_stage: optional(perStage),
    per_person: optional(mapping({ open: required(someOpen) })),
    extensions: optional(extensions),
  }),
  ({ per_stage: stage, per_person: person, extensions: extended }) => ({
    perStage: sumOf(stage?.total ?? null, stage?.within ?? null),
    openPerStage: stage?.open ?? null,
    openPerPerson: person?.open ?? null,
    extensions:
      extended === null
        ? null
        : Object.freeze({ most: extended.count, totalSeconds: extended.total }),
  }),
);

export const noLimits: Limits = Object.freeze({
  perStage: null,
  openPerStage: null,
  openPerPerson: null,
  extensions: null,
});

function sumOf(totalSeconds: number | null, withinSeconds: number | null): Limits["perStage"] {
  if (totalSeconds === null || withinSeconds === null) return null;
  return Object.freeze({ totalSeconds, withinSeconds });
}
