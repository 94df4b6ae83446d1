/**
 * What a single value of YAML means: text, a whole number, true, false or nothing.
 *
 * In quotes it is text. Without quotes, YAML 1.1 and 1.2 and their readers disagree: `no` is false
 * to some, `1.10` is 1.1, `012` is 10, `22:30` is 1350, `2026-11-21` is a date. Such words are
 * refused with the advice to put them in quotes, so that a policy has one meaning.
 */

export type ScalarValue = string | number | boolean | null;

export interface Scalar {
  readonly value: ScalarValue;
  /** What is wrong, a clause without a full stop; `value` is then the text itself. */
  readonly problem: string | null;
}

/** Control characters, what some break lines at, byte order marks, and what reorders text. */
const invisible =
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** The eight-digit escape, which js-yaml cuts to 32 bits instead of refusing what is no character. */
const longEscape = /^"(?:[^\\]|\\[^U])*\\U/;

/** The part of YAML's core schema that all readers agree on, beside whole numbers. */
const core: ReadonlyMap<string, boolean | null> = new Map([
  ["~", null],
  ...["null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
]);
const integer = /^-?(?:0|[1-9]\d{0,14})$/;

/** Truth values of YAML 1.1, in any case. */
const truth: ReadonlySet<string> = new Set(["y", "n", "yes", "no", "on", "off"]);
/** How everything begins that `otherReadings` knows. */
const suspicious = /^[-+.=<?\de]/i;

/** What a word without quotes is to some reader, beside text. */
const otherReadings = [
  { means: "a merge key", pattern: /^<<$/ },
  { means: "a default value", pattern: /^=$/ },
  { means: "the name of a member", pattern: /^\?/ },
  { means: "a number", pattern: /^[-+]?(?=[\d.e])(?:\d[\d_]*)?\.?[\d_]*(?:e[-+]?\d+)?$/i },
  { means: "a number", pattern: /^[-+]?0(?:x[\da-f_]+|o[0-7_]+|b[01_]+)$/i },
  { means: "a number", pattern: /^(?:[-+]?\.inf|\.nan)$/i },
  { means: "a number in base 60", pattern: /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/ },
  { means: "a date", pattern: /^\d{4}-\d{1,2}-\d{1,2}(?:$|[Tt \t])/ },
] as const;

/**
 * The meaning of a scalar.
 * @param text what the parser made of it: quotes, escapes and folds are resolved
 * @param raw as it stands in the file, from its first character on
 */
export function scalarOf(text: string, raw: string): Scalar {
  if (invisible.test(text)) {
    return { value: text, problem: "a line break or an invisible character is not allowed here" };
  }
  if (!/^["'|>]/.test(raw)) return plainScalar(text);
  const problem = longEscape.test(raw)
    ? "\\U escapes are not supported: write the character itself"
    : null;
  return { value: text, problem };
}

function plainScalar(text: string): Scalar {
  const known = core.get(text);
  if (known !== undefined) return { value: known, problem: null };
  if (truth.has(text.toLowerCase())) return ambiguous(text, "true or false");
  if (!suspicious.test(text)) return { value: text, problem: null };
  if (integer.test(text)) return { value: Number(text), problem: null };
  const other = otherReadings.find(({ pattern }) => pattern.test(text));
  return other === undefined ? { value: text, problem: null } : ambiguous(text, other.means);
}

function ambiguous(text: string, means: string): Scalar {
  const problem = `${text} without quotes is ${means} to some readers of YAML: write "${text}"`;
  return { value: text, problem };
}
