/**
 * Signs with the keys of the ssh agent. The agent signs the JWS signing input itself, in the
 * algorithm of the key; nothing of it is believed: the signature is verified before it is used.
 */
import { verifySignature } from "../core/crypto.ts";
import { OptoutError } from "../core/errors.ts";
import type { PublicKey } from "../core/keys.ts";
import {
  listIdentities,
  requestSignature,
  wrongAnswer,
  type AgentPlace,
} from "./agent-protocol.ts";
import { askAgent, sshKeyFiles, unusable, type Agent, type AgentKey } from "./ssh-keys.ts";
import type { Signer } from "./signer.ts";
import type { Candidate, Found, SignerRequest, SignerSource } from "./source.ts";
import type { SshReader } from "./ssh-wire.ts";

/** The agent's keys in its order, then those of `~/.ssh` that it does not hold. */
export const sshKeys: SignerSource = { name: "ssh keys", find: findSshKeys };

/** The agent's keys whose fingerprint or comment is the name. @throws `timeout` */
export async function findAgentKeys(
  request: SignerRequest,
  name: string,
): Promise<readonly Candidate[]> {
  const { candidates } = ofAgent(await askAgent(request));
  return candidates.filter(({ key, comment }) => key.fingerprint === name || comment === name);
}

async function findSshKeys(request: SignerRequest): Promise<Found> {
  const [agent, files] = await Promise.all([askAgent(request), sshKeyFiles(request.env)]);
  const held = ofAgent(agent);
  const kids = new Set(held.candidates.map(({ key }) => key.kid));
  const others = files.flatMap(({ path, key }): readonly Candidate[] =>
    key === null || kids.has(key.kid) ? [] : [notHeld(path, key, agent)],
  );
  const unusableFiles = files.flatMap(({ problem }) => problem ?? []);
  return {
    candidates: [...held.candidates, ...others],
    problems: [...held.problems, ...unusableFiles],
  };
}

interface AgentCandidate extends Candidate {
  readonly comment: string;
}

function ofAgent({ place, keys, problem }: Agent): {
  readonly candidates: readonly AgentCandidate[];
  readonly problems: readonly OptoutError[];
} {
  if (place === null) return { candidates: [], problems: [] };
  const candidates = keys.flatMap((one) =>
    one.kind === "usable" ? [candidateOf(one, place)] : [],
  );
  const refused = keys.flatMap((one) =>
    one.kind === "refused" ? [unusable(sourceOf(one.comment), one.problem.message)] : [],
  );
  return { candidates, problems: problem === null ? refused : [problem] };
}

const sourceOf = (comment: string): string => `ssh key ${comment}`.trimEnd();

function candidateOf(
  { key, comment }: Extract<AgentKey, { kind: "usable" }>,
  place: AgentPlace,
): AgentCandidate {
  const source = sourceOf(comment);
  const sign = (input: Uint8Array): Promise<Uint8Array> => signBy(place, key, source, input);
  const signer: Signer = { key, source, sign };
  return { key, source, comment, kind: "ssh", open: () => signer };
}

async function signBy(
  place: AgentPlace,
  key: PublicKey,
  source: string,
  input: Uint8Array,
): Promise<Uint8Array> {
  const answer = await requestSignature(place, blobOf(key), input);
  if (answer === null) throw await declined(place, key, source);
  const signature = readSignature(answer, key);
  if (signature !== null && verifySignature(key, input, signature)) return signature;
  throw wrongAnswer(place);
}

/** The blob of the key: what follows the type in its line. */
function blobOf({ ssh }: PublicKey): Buffer {
  return Buffer.from(ssh.slice(ssh.indexOf(" ") + 1), "base64");
}

/** RFC 8709, section 6: 64 bytes; RFC 5656, section 3.1.2: R and S as mpints. */
function readSignature(answer: SshReader, { alg, ssh }: PublicKey): Uint8Array | null {
  const type = answer.text();
  const body = answer.string();
  answer.end();
  if (type !== ssh.slice(0, ssh.indexOf(" "))) return null;
  if (alg === "EdDSA") return body;
  const numbers = answer.within(body);
  const signature = Buffer.concat([numbers.scalar(32), numbers.scalar(32)]);
  numbers.end();
  return signature;
}

/** A key that is no longer shown was removed, or the agent was locked; else somebody said no. */
async function declined(place: AgentPlace, key: PublicKey, source: string): Promise<OptoutError> {
  const blob = blobOf(key);
  const keys = await listIdentities(place).catch(() => []);
  if (keys.some((one) => one.blob.equals(blob))) {
    return new OptoutError("agent-refused", `the ssh agent does not sign with ${source}`, {
      hint: "run it again and confirm the agent's question, or sign with a key file: --key NAME",
    });
  }
  const what = `the ssh agent no longer shows ${source}: it is locked, or the key was removed`;
  return new OptoutError("agent-refused", what, {
    hint: "ssh-add -X   (if it is locked), or ssh-add",
  });
}

function notHeld(path: string, key: PublicKey, { place, problem }: Agent): Candidate {
  const source = `ssh key ${path}`;
  const isUp = place !== null && problem?.code !== "agent-failed";
  const why = isUp ? "the ssh agent does not hold it" : (problem?.message ?? "no ssh agent runs");
  const locked = problem?.code === "no-key" ? "   (if it is locked: ssh-add -X)" : "";
  const add = `ssh-add ${shellWord(path)}${locked}`;
  const hint = isUp ? add : `eval "$(ssh-agent)" && ${add}`;
  return {
    key,
    source,
    kind: "ssh",
    open: () => {
      throw new OptoutError("no-key", `${source}: ${why}`, { hint });
    },
  };
}

/** For a POSIX shell. */
function shellWord(path: string): string {
  return /^[A-Za-z0-9/._@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
