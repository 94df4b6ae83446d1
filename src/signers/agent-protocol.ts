/**
 * The two requests to an ssh agent that signing needs (draft-ietf-sshm-ssh-agent): which keys there
 * are, and sign this.
 *
 * The agent may be on another machine, or not be an agent at all: one connection a request, one
 * answer of at most 256 KiB (the limit of OpenSSH's own), read strictly and within the deadline.
 */
import { createConnection } from "node:net";

import { OptoutError } from "../core/errors.ts";
import { deadlineError, type Deadline } from "../system/deadline.ts";
import { systemErrorWord } from "../system/files.ts";
import { sshReader, sshString, sshUint32, type SshReader } from "./ssh-wire.ts";

/** A key as the agent names it; of any type. */
export interface AgentIdentity {
  /** The public key in the wire form of SSH. */
  readonly blob: Buffer;
  /** Whatever the agent says; may be empty, and may be hostile. */
  readonly comment: string;
}

export interface AgentPlace {
  /** Of the socket, absolute. */
  readonly path: string;
  readonly deadline?: Deadline | undefined;
}

const maxAnswerBytes = 256 * 1024;
/** Milliseconds for the list of keys: nobody is asked for it, so an agent that takes longer hangs. */
const listMilliseconds = 5000;

const requestIdentities = 11;
const identitiesAnswer = 12;
const signRequest = 13;
const signResponse = 14;
const failure = 5;

/**
 * The keys of the agent, in its order. One that is locked shows none.
 * @throws `agent-failed` when it cannot be reached, does not answer in time or answers wrongly;
 *   `timeout` when the deadline fires
 */
export async function listIdentities(
  place: AgentPlace,
  patience: number = listMilliseconds,
): Promise<readonly AgentIdentity[]> {
  const answer = await ask(place, Buffer.of(requestIdentities), patience);
  if (answer.byte() !== identitiesAnswer) throw wrongAnswer(place);
  const count = answer.uint32();
  const identities: AgentIdentity[] = [];
  while (identities.length < count) {
    const blob = answer.string();
    identities.push({ blob, comment: answer.string().toString("utf8") });
  }
  answer.end();
  return identities;
}

/**
 * The agent's signature over the data, in the wire form of SSH; null when it declines.
 * @throws as `listIdentities`; the only limit is the deadline, since a person may be asked
 */
export async function requestSignature(
  place: AgentPlace,
  blob: Buffer,
  data: Uint8Array,
): Promise<SshReader | null> {
  const noFlags = sshUint32(0);
  const request = [Buffer.of(signRequest), sshString(blob), sshString(data), noFlags];
  const answer = await ask(place, Buffer.concat(request), null);
  const type = answer.byte();
  if (type === failure) return null;
  if (type !== signResponse) throw wrongAnswer(place);
  const signature = answer.string();
  answer.end();
  return sshReader(signature, () => wrongAnswer(place));
}

/** What the agent says makes no sense, or is not true. */
export function wrongAnswer({ path }: AgentPlace): OptoutError {
  return new OptoutError("agent-failed", `the ssh agent at ${path} answers wrongly`, {
    hint: "see what it is: ssh-add -l   (or sign with a key file: --key NAME)",
  });
}

async function ask(place: AgentPlace, request: Buffer, patience: number | null) {
  const answer = await exchange(place, sshString(request), patience);
  return sshReader(answer, () => wrongAnswer(place));
}

/** One request, one answer without its length. */
function exchange(place: AgentPlace, request: Buffer, patience: number | null): Promise<Buffer> {
  const { path, deadline } = place;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let wanted: number | null = null;
    const socket = createConnection(path);
    const settle = (outcome: Buffer | Error): void => {
      clearTimeout(timer);
      deadline?.removeEventListener("abort", outOfTime);
      socket.destroy();
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    const outOfTime = (): void => {
      if (deadline !== undefined) settle(deadlineError(deadline, "the ssh agent was asked"));
    };
    const timer =
      patience === null
        ? undefined
        : setTimeout(() => settle(silent(place, "it does not answer")), patience);
    deadline?.addEventListener("abort", outOfTime, { once: true });
    if (deadline?.aborted === true) outOfTime();
    socket.on("connect", () => socket.write(request));
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (wanted === null && size >= 4) wanted = 4 + Buffer.concat(chunks).readUInt32BE(0);
      if (wanted === null) return;
      if (wanted > 4 + maxAnswerBytes || size > wanted) settle(wrongAnswer(place));
      else if (size === wanted) settle(Buffer.concat(chunks).subarray(4));
    });
    socket.on("error", (error) => settle(silent(place, systemErrorWord(error))));
    socket.on("close", () => settle(silent(place, "it hangs up")));
  });
}

function silent({ path }: AgentPlace, why: string): OptoutError {
  return new OptoutError("agent-failed", `the ssh agent at ${path} cannot be asked (${why})`, {
    hint: 'start one: eval "$(ssh-agent)" && ssh-add',
  });
}
