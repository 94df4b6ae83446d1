/*
 * The gate that a team would write by hand: a shell script with jq and openssl that verifies one JWS.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { spawn } from "./measure.mjs";

const script = `set -e
jws=$(jq -r .statement position.json)
input=\${jws%.*}
decode() { printf '%s' "$1" | tr '_-' '/+' | awk '{ while (length($0) % 4) $0 = $0 "="; print }' | base64 -d; }
printf '%s' "$input" > input
decode "\${jws##*.}" > signature
openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in input -sigfile signature > verified
decode "\${input#*.}" | jq -e '.target.name == "lint" and .nbf + .duration > now' > answer
`;

/** The programs it needs that are not there. */
export const missing = () =>
  ["jq", "openssl"].filter((name) => spawnSync(name, ["--version"]).error !== undefined);

/** @param position the JSON of a position by person0; @returns runs the gate */
export function shellGate(directory, policy, position, env) {
  const [, base64] = /person0: .*ssh-ed25519 (\S+)/.exec(policy);
  const point = Buffer.from(base64, "base64").subarray(-32);
  const prefix = Buffer.from("302a300506032b6570032100", "hex");
  writeFileSync(join(directory, "key.der"), Buffer.concat([prefix, point]));
  writeFileSync(join(directory, "position.json"), position);
  writeFileSync(join(directory, "gate.sh"), script);
  return () => spawn("sh", ["gate.sh"], { cwd: directory, env });
}
