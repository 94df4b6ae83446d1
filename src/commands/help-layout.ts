/**
 * How a page of help is laid out: blocks of text that fit into 80 columns.
 */
import { Help } from "commander";

const pageWidth = 80;

export interface Item {
  readonly term: string;
  readonly text: string;
}

const help = new Help();
help.helpWidth = pageWidth;

/** A longest term that others are aligned with; a longer one has its text below it. */
const maxTermWidth = 34;
const indent = "  ";

/** A heading in capitals with its body. */
export function section(title: string, body: string): string {
  return `${title}\n${body}`;
}

/** Text wrapped at the width of a page. */
export function paragraph(text: string): string {
  return help.boxWrap(text, pageWidth);
}

/** Terms in a column, their texts wrapped in another. */
export function items(list: readonly Item[]): string {
  const widths = list.map(({ term }) => term.length);
  const width = Math.max(...widths.filter((each) => each <= maxTermWidth));
  return list.map((item) => itemText(item, width)).join("\n");
}

function itemText({ term, text }: Item, width: number): string {
  if (text === "") return `${indent}${term}`;
  if (term.length <= width) return help.formatItem(term, width, text, help);
  return `${indent}${term}\n${help.formatItem("", width, text, help)}`;
}

/** A command line with what it does above it, as a comment of the shell. */
export function example({ line, does }: { readonly line: string; readonly does: string }): string {
  return does === "" ? `${indent}${line}` : `${indent}# ${does}\n${indent}${line}`;
}
