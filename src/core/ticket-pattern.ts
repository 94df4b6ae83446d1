/**
 * The ticket pattern: the only regular expression that a policy may hold.
 *
 * It is matched as a whole, with or without `^` and `$`. Only a part of the language is accepted,
 * so that matching ends soon for every ticket: single characters, classes and escapes, which may
 * be repeated, and groups with alternatives, which may not. There a backtracking matcher can go no
 * more ways than the product of its choices, and that product is bounded.
 */
import { OptoutError } from "./errors.ts";
import type { TicketPattern } from "./policy.ts";

const maxSource = 200;
const maxTicket = 64;
/** So three repeats without an end are accepted, and four are not. */
const maxPaths = 300_000;

const printableAscii = /^[ -~]*$/;

/** The tokens, longest first. Sticky: they match at the place reached, or not at all. */
const tokens = {
  open: /\((?:\?:)?(?!\?)/y,
  atom: /\[\^?(?:\\[dwsDWS]|\\[!-/:-@[-`{-~]|[^\\[\]])+\]|\\[dwsDWS]|\\[!-/:-@[-`{-~]|[^\\[\](){}*+?|^$]/y,
  quantifier: /[*+?]|\{(\d{1,3})(,)?(\d{1,3})?\}/y,
} as const;

/**
 * Compiles the pattern.
 * @throws `policy-invalid`, saying what is not supported and where
 */
export function ticketPattern(source: string): TicketPattern {
  const paths = ticketPatternPaths(source);
  if (paths > maxPaths) {
    throw wrong(`could take too long to match (${paths} ways, at most ${maxPaths} are accepted)`);
  }
  const whole = compile(source);
  return Object.freeze({
    source,
    matches: (ticket: string): boolean => ticket.length <= maxTicket && whole.test(ticket),
  });
}

/**
 * An upper bound of the ways that a backtracking matcher can go: the product of its choices. A
 * repeat without an end counts 65 (of 0 to 64 characters), `?` 2, an alternation its branches.
 * @throws `policy-invalid`, when the pattern is not of the part of the language that is accepted
 */
export function ticketPatternPaths(source: string): number {
  if (source === "") throw wrong("is empty");
  if (source.length > maxSource) throw wrong(`is longer than ${maxSource} characters`);
  if (!printableAscii.test(source)) throw wrong("holds a character that is not printable ASCII");
  return countPaths(source);
}

function countPaths(source: string): number {
  const end = source.endsWith("$") ? source.length - 1 : source.length;
  // how many branches each open group has so far; the first is the pattern itself
  const branches = [1];
  let paths = 1;
  let place = source.startsWith("^") ? 1 : 0;
  while (place < end) {
    const piece = pieceAt(source, place);
    switch (piece.kind) {
      case "open":
        branches.push(1);
        break;
      case "branch":
        branches.push((branches.pop() ?? 0) + 1);
        break;
      case "close":
        paths *= branchesOfLast(branches, place);
        break;
      case "atom":
        paths *= piece.choices;
    }
    place += piece.length;
  }
  if (branches.length > 1) throw wrong("leaves a group open");
  return paths * (branches[0] ?? 1);
}

function branchesOfLast(branches: number[], place: number): number {
  const last = branches.pop();
  if (last === undefined || branches.length === 0) {
    throw wrong("closes a group that is not open", place);
  }
  return last;
}

type Piece =
  | { readonly kind: "open" | "branch" | "close"; readonly length: number }
  | { readonly kind: "atom"; readonly length: number; readonly choices: number };

/** The piece of the pattern that begins at `place`; an atom together with its quantifier. */
function pieceAt(source: string, place: number): Piece {
  const character = source.charAt(place);
  if (character === "|") return { kind: "branch", length: 1 };
  if (character === "(") {
    const open = matchAt(tokens.open, source, place);
    if (open === null) throw wrong("holds a group of a kind that is not supported", place);
    return { kind: "open", length: open[0].length };
  }
  if (character === ")") {
    if (matchAt(tokens.quantifier, source, place + 1) !== null) {
      throw wrong("repeats a group, which is not supported", place + 1);
    }
    return { kind: "close", length: 1 };
  }
  const atom = matchAt(tokens.atom, source, place);
  if (atom === null) throw wrong(atomComplaint(character), place);
  const after = place + atom[0].length;
  const repeat = matchAt(tokens.quantifier, source, after);
  if (repeat === null) return { kind: "atom", length: atom[0].length, choices: 1 };
  const length = atom[0].length + repeat[0].length;
  if (matchAt(tokens.quantifier, source, place + length) !== null) {
    throw wrong("repeats a repeat, which is not supported", place + length);
  }
  return { kind: "atom", length, choices: choicesOf(repeat, after) };
}

function matchAt(token: RegExp, source: string, place: number): RegExpExecArray | null {
  token.lastIndex = place;
  return token.exec(source);
}

function atomComplaint(character: string): string {
  if (character === "\\") return "holds an escape that is not supported";
  if (character === "[") return "holds a class that is not closed, empty, or not supported";
  if (character === "^" || character === "$") return `holds ${character} in the middle`;
  if ("*+?".includes(character)) return "repeats nothing";
  return `holds a bare ${character}; write \\${character}`;
}

function choicesOf(repeat: RegExpExecArray, place: number): number {
  const [text, least, comma, most] = repeat;
  if (text === "?") return 2;
  if (least === undefined || (comma !== undefined && most === undefined)) return maxTicket + 1;
  if (most === undefined) return 1;
  const choices = Number(most) - Number(least) + 1;
  if (comma === undefined || choices < 1) throw wrong("holds an impossible count", place);
  return choices;
}

function compile(source: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`);
  } catch (cause) {
    throw wrong("is not a regular expression", undefined, cause);
  }
}

function wrong(problem: string, place?: number, cause?: unknown): OptoutError {
  const where = place === undefined ? "" : ` (at its character ${place + 1})`;
  return new OptoutError("policy-invalid", `the ticket pattern ${problem}${where}`, { cause });
}
