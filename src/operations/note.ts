/**
 * Notes: statements of kinds `note.*`, which neither permit nor restrict, and which every reader may
 * leave alone (docs/format.md, "Growing without switching the fleet off").
 */
import { OptoutError } from "../core/errors.ts";
import { compactJws, signingInput } from "../core/jws.ts";
import { maxPositionBytes } from "../core/position.ts";
import type { View } from "../core/view.ts";
import { commonMembers, placeSigned, type Writer } from "./write.ts";

export interface Note {
  readonly kind: `note.${string}`;
  readonly members: Readonly<Record<string, unknown>>;
  /** A line for people. */
  readonly title: string;
}

/** Signs a note and places it; its id. @throws what keeps the log from being trusted or written */
export async function writeNote(writer: Writer, view: View, note: Note): Promise<string> {
  const { signer } = writer;
  const common = commonMembers(writer, view, { iat: writer.now(), prefix: "stm" });
  const payload = JSON.stringify({ v: 1, kind: note.kind, ...common, ...note.members });
  const input = signingInput(signer.key.alg, signer.key.kid, payload);
  if (input.length > maxPositionBytes - 512) {
    throw new OptoutError("usage", `${note.kind} is too large for the log`);
  }
  const jws = compactJws(input, await signer.sign(Buffer.from(input, "latin1")));
  await placeSigned(writer, view, { jws, title: note.title, stillAllowed: () => true });
  return common.id;
}
