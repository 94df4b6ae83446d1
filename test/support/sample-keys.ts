/**
 * The sample keys of the vectors, by name; mallory is the one that no policy knows.
 */
import { readFileSync } from "node:fs";

interface SampleKey {
  readonly name: string;
  readonly ssh: string;
  /** RFC 7638 thumbprint. */
  readonly kid: string;
}

export const sampleKeys: readonly SampleKey[] = read();

/** The OpenSSH line of a sample key. */
export function sampleSsh(name: string): string {
  return sampleKey(name).ssh;
}

/** The thumbprint of a sample key. */
export function sampleKid(name: string): string {
  return sampleKey(name).kid;
}

function sampleKey(name: string): SampleKey {
  const key = sampleKeys.find((sample) => sample.name === name);
  if (key === undefined) throw new Error(`there is no sample key ${name}`);
  return key;
}

function read(): readonly SampleKey[] {
  const file = new URL("../vectors/keys.json", import.meta.url);
  const all: unknown = JSON.parse(readFileSync(file, "utf8"));
  return Object.entries<unknown>(isRecord(all) ? all : {}).flatMap(([name, value]) => {
    if (!isRecord(value)) return [];
    const [ssh, kid] = [value["ssh"], value["kid"]];
    return typeof ssh === "string" && typeof kid === "string" ? [{ name, ssh, kid }] : [];
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
