/*
 * Logs for the benchmarks, made without the project's code: keys, a policy, positions of any number,
 * kept in a directory or on a git branch.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("base64url");
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const idOf = (prefix) => prefix + [...randomBytes(16)].map((byte) => alphabet[byte % 32]).join("");

/** A person with an Ed25519 key: OpenSSH line, thumbprint, and a way to sign statements. */
function person(id) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x } = publicKey.export({ format: "jwk" });
  const kid = sha256(JSON.stringify({ crv: "Ed25519", kty: "OKP", x }));
  const part = (bytes) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const blob = Buffer.concat([part(Buffer.from("ssh-ed25519")), part(Buffer.from(x, "base64url"))]);
  const header = { alg: "EdDSA", kid, typ: "optout-statement+jws" };
  const text = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return {
    id,
    pem: privateKey.export({ type: "pkcs8", format: "pem" }),
    ssh: `ssh-ed25519 ${blob.toString("base64")} ${id}`,
    jws: (payload) => {
      const input = `${text(header)}.${text(payload)}`;
      return `${input}.${sign(null, Buffer.from(input), privateKey).toString("base64url")}`;
    },
  };
}

/** Stages beside those that the log speaks of. */
const others = ["types", "format", "docs", "e2e", "coverage", "audit", "licences"];

/** What a gate is asked about: every stage of the policy. */
export const stages = ["lint", "unit-tests", "deploy-prod", ...others];

/** A policy of a size that teams have, with its log's place still open. */
const policyText = (people, log) => `version: 1
log: ${log}
principals:
${people.map(({ id, ssh }) => `  ${id}: { roles: [developer, oncall, release-manager], keys: ["${ssh}"] }`).join("\n")}
stages:
  lint:        { kind: quality }
  unit-tests:  { kind: quality, prefer: allow-failure }
  deploy-prod: { kind: deploy, environment: production }
${others.map((name) => `  ${name}: { kind: quality }`).join("\n")}
rules:
  - id: quality
    match:   { kind: quality }
    actions: [skip, allow-failure, force]
    who:     [developer, oncall]
    longest: 12h
    default: 2h
    reason:  { min: 10, ticket: "^(INC|OPS)-[0-9]+$" }
  - id: prod-deploys
    match:   { stages: [deploy-prod], branches: [main, "release/*"] }
    actions: [skip, force, hold]
    who:     [oncall]
    longest: 1h
    approvals: { count: 2, from: [release-manager], pending: 1h }
    emergency: { who: [oncall], longest: 30m, review_within: 24h }
`;

/**
 * A log of `size` positions. The last one skips lint on main and is in force; of those before it
 * `recent` are of the last hours, the others older than anything that can matter, one a minute.
 * @param log how the policy names the log, without its id: "store: dir, path: log"
 */
export function makeLog({ size, recent, log }) {
  const people = Array.from({ length: 8 }, (_, index) => person(`person${index}`));
  const [alice] = people;
  const now = Math.floor(Date.now() / 1000);
  const begun = alice.jws({
    v: 1,
    kind: "log.created",
    id: idOf("stm_"),
    by: alice.id,
    iat: now - 400 * 86_400,
    repository: { host: "local", id: "bench", name: "shop" },
  });
  const policy = policyText(people, `{ ${log}, id: ${sha256(begun)} }`);
  const positions = [];
  const place = (statement) => {
    const prev = positions.length === 0 ? "A".repeat(43) : sha256(positions.at(-1));
    positions.push(JSON.stringify({ v: 1, seq: positions.length, prev, statement }));
  };
  const common = (by, iat) => ({
    log: sha256(begun),
    by: by.id,
    iat,
    policy: sha256(policy),
    policy_at: "0".repeat(40),
    saw: { seq: positions.length - 1, hash: sha256(positions.at(-1)) },
  });
  const override = (by, iat, name, duration) =>
    by.jws({
      v: 1,
      kind: "override.created",
      id: idOf("ovr_"),
      ...common(by, iat),
      action: "skip",
      target: { type: "stage", name },
      scope: { branches: ["main"] },
      reason: { code: "broken-gate", text: "linter image answers 500" },
      tickets: ["INC-4312"],
      nbf: iat,
      duration,
    });
  place(begun);
  while (positions.length < size - 1) {
    const by = people[positions.length % people.length];
    const isRecent = positions.length >= size - recent;
    const age = isRecent
      ? 3600 + (size - positions.length)
      : 30 * 86_400 + 60 * (size - positions.length);
    place(override(by, now - age, positions.length % 8 === 0 ? "lint" : "unit-tests", 600));
  }
  place(override(alice, now - 10, "lint", 7200));
  return { policy, positions, key: alice.pem };
}

/** Writes the positions as the store `dir` keeps them. */
export function writeDirectory(directory, positions) {
  const entries = join(directory, "entries");
  mkdirSync(entries, { recursive: true });
  for (const [seq, bytes] of positions.entries()) {
    writeFileSync(join(entries, `${String(seq).padStart(12, "0")}.json`), bytes);
  }
}

/** Writes the positions as commits of a branch of a bare repository. */
export function writeBranch(repository, branch, positions) {
  const blob = "the log\n";
  const parts = [`blob\nmark :1\ndata ${Buffer.byteLength(blob)}\n${blob}\n`];
  for (const [seq, bytes] of positions.entries()) {
    const message = `#${seq} bench\n\n[skip ci]\n\n${bytes}\n`;
    parts.push(
      `commit refs/heads/${branch}\nmark :${seq + 2}\n` +
        `committer optout <optout@localhost> ${1_700_000_000 + seq} +0000\n` +
        `data ${Buffer.byteLength(message)}\n${message}` +
        (seq === 0 ? "M 100644 :1 README.md\n" : `from :${seq + 1}\n`) +
        "\n",
    );
  }
  const result = spawnSync("git", ["fast-import", "--quiet"], {
    cwd: repository,
    input: parts.join(""),
  });
  if (result.status !== 0) throw new Error(result.stderr.toString());
}
