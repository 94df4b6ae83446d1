/**
 * The XML that S3 answers with: elements and text, and nothing else. What has a document type, a
 * comment, CDATA or an instruction beyond the first line is refused, so there is nothing to expand.
 */

/** An element: its text, or its children in order. */
export interface Element {
  readonly name: string;
  readonly text: string;
  readonly children: readonly Element[];
}

interface Open {
  readonly name: string;
  text: string;
  readonly children: Element[];
}

const declaration = /^\uFEFF?\s*(?:<\?xml[^<>?]*\?>)?\s*/;
const tag = /<(\/?)([A-Za-z][A-Za-z0-9]*)(?:\s[^<>]*?)?(\/?)>([^<]*)/y;
const maxDepth = 8;

/** The root element, or null for what is not of that form. Never throws. */
export function readXml(text: string): Element | null {
  const root: Open = { name: "", text: "", children: [] };
  const open: Open[] = [root];
  tag.lastIndex = declaration.exec(text)?.[0].length ?? 0;
  while (tag.lastIndex < text.length) {
    const found = tag.exec(text);
    if (found === null || !step(open, found)) return null;
  }
  const [only, ...others] = root.children;
  const isWhole = open.length === 1 && others.length === 0 && root.text.trim() === "";
  return isWhole ? (only ?? null) : null;
}

/** One tag and the text behind it. */
function step(open: Open[], [, closes, name = "", isEmpty, after = ""]: RegExpExecArray): boolean {
  if (closes === "/") {
    if (isEmpty === "/" || open.length < 2 || open.pop()?.name !== name) return false;
  } else {
    const element: Open = { name, text: "", children: [] };
    open.at(-1)?.children.push(element);
    if (isEmpty !== "/") open.push(element);
  }
  const inner = open.at(-1);
  if (inner === undefined || open.length > maxDepth) return false;
  inner.text += decoded(after);
  return true;
}

const references: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#34;": '"',
  "&apos;": "'",
  "&#39;": "'",
};

/** Names of objects come percent-encoded, so a reference that is not known here changes nothing. */
function decoded(text: string): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(/&[#A-Za-z0-9]{1,8};/g, (found) => references[found] ?? found);
}

/** The text of a child; null where there is none. */
export function childText(element: Element, name: string): string | null {
  return element.children.find((child) => child.name === name)?.text ?? null;
}

/** All children of a name. */
export function childrenOf(element: Element, name: string): readonly Element[] {
  return element.children.filter((child) => child.name === name);
}
