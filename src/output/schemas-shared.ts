/**
 * What the schemas of several outputs have in common.
 */
import * as v from "valibot";

import type { ChannelKind } from "../core/channel.ts";
import type { ObjectionJson } from "./decision-json.ts";
import type { ScopeJson } from "./override-json.ts";

/** Any of a type's words, and none else: the compiler asks for each of them, and refuses another. */
export function oneOf<T extends string>(words: Readonly<Record<T, true>>): v.GenericSchema<T> {
  return v.picklist(Object.keys(words) as T[]);
}

export const count: v.GenericSchema<number> = v.pipe(v.number(), v.integer(), v.minValue(0));
export const texts: v.GenericSchema<readonly string[]> = v.array(v.string());
export const text: v.GenericSchema<string | null> = v.nullable(v.string());
export const time: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/),
  v.description("RFC 3339, UTC"),
);

export const head: v.GenericSchema<{ readonly seq: number; readonly hash: string } | null> =
  v.nullable(v.object({ seq: count, hash: v.string() }));

export const channelKind: v.GenericSchema<ChannelKind> = oneOf<ChannelKind>({
  slack: true,
  teams: true,
  webhook: true,
  email: true,
  exec: true,
  forge: true,
});

/** An open object whose code is not listed: a reader must not break over a new one. */
export const objection: v.GenericSchema<ObjectionJson> = v.looseObject({
  code: v.string(),
  message: v.string(),
});

export const scope: v.GenericSchema<ScopeJson> = v.object({
  branches: v.union([v.literal("*"), texts]),
  heads: texts,
  tags: texts,
  sha: text,
  pr: v.nullable(count),
  environment: text,
  forks: v.boolean(),
});
