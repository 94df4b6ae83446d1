// What the scripts that make vectors share: statements signed with node:crypto and the sample keys, and
// logs that are written as a story goes. Nothing of the project, so that what the project makes of the
// format is not what it is tested with. All signatures are Ed25519, which are the same each time.
import { createHash, createPrivateKey, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

export const keys = JSON.parse(readFileSync(new URL("keys.json", import.meta.url), "utf8"));

export const t0 = 1_893_456_000;
export const hour = 3600;
export const year = 365 * 86_400;
const commit = "0".repeat(40);
export const elsewhere = "E".repeat(43);

const sha256 = (data) => createHash("sha256").update(data).digest("base64url");
const encode = (data) => Buffer.from(data).toString("base64url");

/** A key in PKCS #8 (RFC 8410) of a seed. */
function privateKey(who) {
  const der = Buffer.from(`302e020100300506032b657004220420${keys[who].seed_hex}`, "hex");
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

function jwsOf(who, members, { header, payload, signature } = {}) {
  const head = header ?? `{"alg":"EdDSA","kid":"${keys[who].kid}","typ":"optout-statement+jws"}`;
  const input = `${encode(head)}.${encode(payload ?? JSON.stringify(members))}`;
  return `${input}.${encode(signature ?? sign(null, Buffer.from(input), privateKey(who)))}`;
}

const usual = {
  stage: "lint",
  ref: "refs/heads/main",
  sha: "a".repeat(40),
  run: "812",
  attempt: 1,
  job: "lint",
  forge: "github",
};
const job = {
  stage: "lint",
  branch: "main",
  head: "main",
  tag: null,
  sha: "a".repeat(40),
  pr: null,
  environment: null,
  fork: false,
  forge: "github",
  run: "812",
};

/**
 * A policy and the logs that stand under it.
 * @param name of the repository
 * @param policyOf the text of the policy for the log's id
 */
export function world(name, policyOf) {
  const beginning = jwsOf("alice", {
    v: 1,
    kind: "log.created",
    id: "stm_0000000000000000",
    by: "alice",
    iat: t0 - 100,
    repository: { host: "local", id: name, name: "shop" },
  });
  const logId = sha256(beginning);
  const policy = policyOf(logId);
  const logs = {};
  const decisions = [];
  const audits = [];
  const requests = [];

  /** A log that is written as the story goes; each call says what it appended. */
  function story(name) {
    const positions = [];
    let ids = 0;
    const hashAt = (seq) => sha256(positions[seq]);
    const place = (jws, { position, bytes } = {}) => {
      const seq = positions.length;
      const prev = seq === 0 ? "A".repeat(43) : hashAt(seq - 1);
      const line = JSON.stringify({ v: 1, seq, prev, statement: jws, ...position });
      positions.push(Buffer.from(bytes?.(line) ?? line, "latin1"));
      logs[name] = positions.map((one) => one.toString("base64"));
      return { seq, jws, digest: sha256(jws) };
    };
    const say = (key, kind, own, { at = 0, saw, ...how } = {}) => {
      ids += 1;
      const prefix = kind === "override.created" ? "ovr" : "stm";
      const id = own.id ?? `${prefix}_${String(ids).padStart(16, "0")}`;
      const last = positions.length - 1;
      const members = {
        v: 1,
        kind,
        id,
        log: logId,
        by: key === "alice2" ? "alice" : key,
        iat: t0 + at,
        policy: sha256(policy),
        policy_at: commit,
        saw: saw ?? { seq: last, hash: hashAt(last) },
        ...own,
      };
      const payload = how.payload?.(members);
      return { id, ...place(jwsOf(key, members, { ...how, payload }), how) };
    };
    place(beginning);
    say("alice", "policy.recorded", { text: policy }, { at: -90 });

    return {
      place,
      say,
      hashAt,
      raw: (text) => {
        positions.push(Buffer.from(text, "latin1"));
        logs[name] = positions.map((one) => one.toString("base64"));
      },
      get head() {
        return positions.length - 1;
      },
      created: (key, own = {}, how = {}) =>
        say(
          key,
          "override.created",
          {
            action: "skip",
            target: { type: "stage", name: "lint" },
            scope: { branches: ["main"] },
            reason: { code: "broken-gate", text: "linter image answers 500" },
            tickets: ["INC-4312"],
            nbf: t0 + (how.at ?? 0),
            duration: hour,
            ...own,
          },
          how,
        ),
      approved: (key, of, how, own) =>
        say(key, "override.approved", { override: of.id, digest: of.digest, ...own }, how),
      denied: (key, of, how, own) =>
        say(key, "override.denied", { override: of.id, digest: of.digest, note: "no", ...own }, how),
      revoked: (key, of, how) => say(key, "override.revoked", { override: of.id }, how),
      used: (key, of, context, how, own) =>
        say(
          key,
          "override.used",
          {
            override: of.id,
            digest: of.digest,
            decision: "skip",
            context: { ...usual, ...context },
            ...own,
          },
          how,
        ),
      noticed: (key, of, own, how) =>
        say(
          key,
          "notice.sent",
          { about: of.id, channel: "slack", target_hash: elsewhere, status: "delivered", ...own },
          how,
        ),
      keyRevoked: (key, whose, how) => say(key, "key.revoked", { kid: keys[whose].kid }, how),
      /** What an audit of the whole log must find: lists of a code and the position. */
      finds: (title, ...found) => {
        const findings = found.map(([code, { seq }]) => ({ code, seq }));
        audits.push({ title, log: name, upto: positions.length - 1, now: t0 + year, findings });
      },
      /** What a writer must answer who is asked when this is the log. */
      asks: (title, { by = "alice", answer, objections = [], now = 10, ...own }) => {
        requests.push({
          title,
          log: name,
          upto: positions.length - 1,
          now: t0 + now,
          by,
          request: {
            action: "skip",
            stage: "lint",
            scope: { branches: ["main"] },
            duration: hour,
            emergency: false,
            supersedes: null,
            ...own,
          },
          answer,
          objections,
        });
      },
      /** What must be decided when `upto` is the head. */
      expect: (title, { outcome, objections = {}, exit, upto, now = 10, storeTime, subject = {} }) => {
        decisions.push({
          title,
          log: name,
          first: 0,
          upto: upto ?? positions.length - 1,
          now: t0 + now,
          ...(storeTime === undefined ? {} : { store_time: t0 + storeTime }),
          subject: { ...job, ...subject },
          decision: outcome,
          check_exit: exit,
          objections,
        });
      },
    };
  }

  /** Writes policy.yaml, logs.json, decisions.json and, where there are such cases, the others. */
  const write = (directory) => {
    writeFileSync(new URL("policy.yaml", directory), policy);
    writeFileSync(new URL("logs.json", directory), `${JSON.stringify(logs, null, 1)}\n`);
    writeFileSync(new URL("decisions.json", directory), `${JSON.stringify(decisions, null, 1)}\n`);
    for (const [file, cases] of Object.entries({ "audits.json": audits, "requests.json": requests })) {
      if (cases.length === 0) continue;
      writeFileSync(new URL(file, directory), `${JSON.stringify(cases, null, 1)}\n`);
    }
  };

  return { story, write };
}

/** The directory given on the command line, else the one of the script. */
export const outputOf = (script) =>
  process.argv[2] === undefined ? new URL("./", script) : new URL(`file://${process.argv[2]}/`);
