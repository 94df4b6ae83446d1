/**
 * A position in a git commit: its bytes are the last line of the message.
 *
 * Read from the raw commit object, so neither an `encoding` header, nor replaced objects, nor git's
 * tidying of messages can change a byte.
 */
export interface LogCommit {
  readonly id: string;
  /** Ids of its parents, the line of the log first. */
  readonly parents: readonly string[];
  /** The position's bytes. */
  readonly bytes: Uint8Array;
}

/** Reads a raw commit object (gitformat: headers, an empty line, the message). Never throws. */
export function parseCommit(id: string, body: Buffer): LogCommit {
  const end = body.indexOf("\n\n");
  const message = end < 0 ? body.subarray(body.length) : body.subarray(end + 2);
  const header = body.toString("latin1", 0, end < 0 ? body.length : end);
  return { id, parents: parentsIn(header.split("\n")), bytes: lastLine(message) };
}

/** git reads `tree`, then the parents, then the author, and looks no further for parents. */
function parentsIn(lines: readonly string[]): readonly string[] {
  const parents: string[] = [];
  for (const line of lines.slice(1)) {
    const id = /^parent ([0-9a-f]+)$/.exec(line)?.[1];
    if (id === undefined) break;
    parents.push(id);
  }
  return parents;
}

/** A final LF is not part of a position. */
function lastLine(message: Buffer): Uint8Array {
  const end = message.at(-1) === 0x0a ? message.length - 1 : message.length;
  const start = end === 0 ? 0 : message.lastIndexOf(0x0a, end - 1) + 1;
  // A copy, so that a position does not keep everything in memory that was read with it.
  return Buffer.from(message.subarray(start, end));
}
