/**
 * What `optout init` is about to write, shown before it asks. The id of a log that is yet to be begun,
 * and of one that is yet to be taken, is told in words.
 */
import { diffLines, type FileChange } from "../output/file-diff.ts";
import { isCommandLine, talkFor } from "../output/wrap.ts";
import { schemaPath, schemaText, type InitFiles } from "./init-files.ts";
import type { InitCall } from "./init-operator.ts";
import { paintErr } from "./paint.ts";
import { policyPath } from "./policy-file.ts";

/** Stands for the log's id in a text that is only shown. */
export const unknownId: string = "A".repeat(43);

/** @param policyText as it will be, with `unknownId` */
export async function showChanges(
  { call, io }: InitCall,
  { policy, schema }: InitFiles,
  policyText: string,
): Promise<void> {
  if (call.has("json") || call.has("quiet")) return;
  const changes: FileChange[] = [
    {
      path: policyPath,
      before: policy?.toString("utf8") ?? null,
      after: policyText.replace(unknownId, "(its id)"),
      summary: null,
    },
  ];
  if (schema === null) {
    const summary = "for editors: optout policy schema";
    changes.push({ path: schemaPath, before: null, after: schemaText(), summary });
  }
  const paint = await paintErr(call, io);
  const lines = changes.flatMap((change) => diffLines(change, paint));
  io.err(talkFor(io, [...lines, ""], isCommandLine));
}
