/**
 * The heads that this machine has seen, in one small file, by the id of each log.
 *
 * Best effort: what cannot be read was not seen, what cannot be written is not remembered.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export interface SeenHead {
  readonly seq: number;
  readonly hash: string;
}

export interface HeadFile {
  recall(logId: string): SeenHead | null;
  remember(logId: string, head: SeenHead): void;
}

/** Opens the file at `path`; it need not exist. */
export function headFile(path: string): HeadFile {
  const read = (): ReadonlyMap<string, SeenHead> => readHeads(path);
  return {
    recall: (logId) => read().get(logId) ?? null,
    remember: (logId, head) => {
      const heads = read();
      const known = heads.get(logId);
      // another process may have seen more in the meantime
      if (known !== undefined && known.seq >= head.seq) return;
      try {
        mkdirSync(dirname(path), { recursive: true });
        const temporary = `${path}.${process.pid}`;
        const all = Object.fromEntries([...heads, [logId, head]]);
        writeFileSync(temporary, JSON.stringify(all), { mode: 0o600 });
        renameSync(temporary, path);
      } catch {
        // a read-only place remembers nothing
      }
    },
  };
}

function readHeads(path: string): ReadonlyMap<string, SeenHead> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return new Map();
  }
  if (typeof parsed !== "object" || parsed === null) return new Map();
  return new Map(
    Object.entries(parsed).flatMap(([logId, head]: readonly [string, unknown]) =>
      isHead(head) ? [[logId, { seq: head.seq, hash: head.hash }] as const] : [],
    ),
  );
}

function isHead(value: unknown): value is SeenHead {
  if (typeof value !== "object" || value === null) return false;
  return (
    "seq" in value &&
    "hash" in value &&
    Number.isSafeInteger(value.seq) &&
    typeof value.hash === "string"
  );
}
