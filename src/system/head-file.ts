/**
 * The heads that this machine has seen, in one small file, by the id of each log.
 *
 * Best effort: what cannot be read was not seen, what cannot be written is not remembered.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

interface Place {
  readonly seq: number;
  readonly hash: string;
}

export interface SeenHead extends Place {
  readonly from?: number;
  readonly breaks?: readonly Place[];
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
      isPlace(head) ? [[logId, seenHead(head)] as const] : [],
    ),
  );
}

/** What an earlier version wrote, or somebody spoiled, tells of the head and nothing before it. */
function seenHead(found: Place & { readonly from?: unknown; readonly breaks?: unknown }): SeenHead {
  const { seq, hash, from, breaks } = found;
  if (typeof from !== "number" || !Number.isSafeInteger(from)) return { seq, hash };
  if (!Array.isArray(breaks)) return { seq, hash };
  const places = breaks.filter(isPlace).map((one) => ({ seq: one.seq, hash: one.hash }));
  return places.length === breaks.length ? { seq, hash, from, breaks: places } : { seq, hash };
}

function isPlace(value: unknown): value is Place {
  if (typeof value !== "object" || value === null) return false;
  return (
    "seq" in value &&
    "hash" in value &&
    Number.isSafeInteger(value.seq) &&
    typeof value.hash === "string"
  );
}
