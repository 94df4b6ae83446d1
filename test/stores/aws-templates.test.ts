/**
 * The policies of templates/aws: what they say, and what Ceph's gateway makes of them. It knows
 * neither `s3:if-none-match` nor `aws:SecureTransport`: those statements are read and not tried.
 */
import { readFileSync } from "node:fs";

import { NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { beforeAll, describe, expect, it } from "vitest";

import { S3Client } from "../../src/stores/s3-client.ts";
import { openS3Store } from "../../src/stores/s3.ts";
import { cephBuckets } from "../support/ceph-buckets.ts";
import { hasCeph, type Keys } from "../support/ceph.ts";
import { positionKey } from "../support/s3-world.ts";

interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

interface Policy {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

const read = (name: string, bucket = "BUCKET"): Policy =>
  JSON.parse(
    readFileSync(new URL(`../../templates/aws/${name}.json`, import.meta.url), "utf8")
      .replaceAll("BUCKET", bucket)
      .replaceAll("PREFIX", "team/optout"),
  ) as Policy;

const statement = (policy: Policy, sid: string): Statement => {
  const found = policy.Statement.find(({ Sid }) => Sid === sid);
  if (found === undefined) throw new Error(`no statement ${sid}`);
  return found;
};

describe("the policies for AWS", () => {
  it("deny everyone a put without the condition, in the log and in no other place", () => {
    expect(statement(read("bucket-policy"), "OnlyCreate")).toEqual({
      Sid: "OnlyCreate",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:PutObject",
      Resource: "arn:aws:s3:::BUCKET/team/optout/*",
      Condition: { Null: { "s3:if-none-match": "true" } },
    });
  });

  it("deny everyone what does not come by TLS", () => {
    expect(statement(read("bucket-policy"), "OnlyTls")).toEqual({
      Sid: "OnlyTls",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: ["arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/*"],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
  });

  it("give a writer no more than a reader but to create", () => {
    const [writer, reader] = [read("writer-policy"), read("reader-policy")];
    expect(writer.Statement.slice(0, 2)).toEqual(reader.Statement.slice(0, 2));
    expect(statement(writer, "ReadAndCreate").Action).toEqual(["s3:GetObject", "s3:PutObject"]);
    const all = [...writer.Statement, ...reader.Statement].flatMap(({ Action }) => Action);
    expect(all.filter((action) => /Delete|\*|Policy|Acl/.test(action))).toEqual([]);
  });

  it("give a writer of the key what a reader of it has, and to encrypt", () => {
    const [writer, reader] = [read("writer-kms-policy"), read("reader-kms-policy")];
    const actions = [writer, reader].map(({ Statement: [only] }) => only?.Action);

    expect(actions).toEqual([["kms:GenerateDataKey", "kms:Decrypt"], "kms:Decrypt"]);
    for (const { Statement } of [writer, reader]) {
      expect(Statement).toHaveLength(1);
      expect(Statement[0]).toMatchObject({
        Effect: "Allow",
        Resource: "arn:aws:kms:REGION:ACCOUNT:key/KEY",
        Condition: { StringEquals: { "kms:ViaService": "s3.REGION.amazonaws.com" } },
      });
    }
  });
});

/** A token of GitHub or GitLab, as far as AWS compares it. */
type Claims = Readonly<Record<string, string>>;

const github = {
  aud: "sts.amazonaws.com",
  repository_id: "REPOSITORY_ID",
  ref: "refs/heads/main",
  sub: "repo:OWNER/NAME:ref:refs/heads/main",
};
const gitlab = { aud: "optout", sub: "project_path:OWNER/NAME:ref_type:branch:ref:main" };
const withIds = "repo:OWNER@OWNER_ID/NAME@REPOSITORY_ID:";
const pullRequest = { ...github, ref: "refs/pull/7/merge", sub: "repo:OWNER/NAME:pull_request" };

/** Whether a trust policy takes a token, by IAM's rules for StringEquals and StringLike. */
function isTaken(name: string, host: string, claims: Claims): boolean {
  const [only, ...others] = read(name).Statement;
  if (only?.Action !== "sts:AssumeRoleWithWebIdentity" || others.length > 0) return false;
  return Object.entries(only.Condition ?? {}).every(([how, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      if (!key.startsWith(`${host}:`)) throw new Error(`${key} is no key of ${host}`);
      const said = claims[key.slice(host.length + 1)];
      return [wanted].flat().some((one) => said !== undefined && isLike(how, one, said));
    }),
  );
}

function isLike(how: string, wanted: string, said: string): boolean {
  if (how === "StringEquals") return wanted === said;
  if (how !== "StringLike") throw new Error(`the operator ${how} is not known here`);
  const parts = wanted.split("*").map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(said);
}

describe("the trust of the writer's role", () => {
  const isGithub = (claims: Claims): boolean =>
    isTaken("trust-github-writer", "token.actions.githubusercontent.com", claims);
  const isGitlab = (claims: Claims): boolean =>
    isTaken("trust-gitlab-writer", "gitlab.com", claims);

  it("takes a job on the default branch, in both forms of GitHub's subject", () => {
    expect(isGithub(github)).toBe(true);
    expect(isGithub({ ...github, sub: `${withIds}ref:refs/heads/main` })).toBe(true);
    expect(isGitlab(gitlab)).toBe(true);
  });

  it.each<readonly [string, Claims]>([
    ["a pull request", pullRequest],
    ["a pull request, with ids", { ...pullRequest, sub: `${withIds}pull_request` }],
    ["pull_request_target", { ...pullRequest, ref: "refs/heads/main" }],
    [
      "another branch",
      { ...github, ref: "refs/heads/main2", sub: "repo:OWNER/NAME:ref:refs/heads/main2" },
    ],
    ["another repository of the same name", { ...github, repository_id: "8" }],
    ["another audience", { ...github, aud: "optout" }],
    ["a token without the id", { aud: github.aud, ref: github.ref, sub: github.sub }],
  ])("takes from GitHub no token of %s", (_what, claims) => {
    expect(isGithub(claims)).toBe(false);
  });

  it.each<readonly [string, string]>([
    ["another branch", "project_path:OWNER/NAME:ref_type:branch:ref:main2"],
    ["a tag", "project_path:OWNER/NAME:ref_type:tag:ref:main"],
    ["a fork", "project_path:FORK/NAME:ref_type:branch:ref:main"],
  ])("takes from GitLab no token of %s", (_what, sub) => {
    expect(isGitlab({ ...gitlab, sub })).toBe(false);
  });
});

describe("the trust of the reader's role", () => {
  it("takes every job of the repository, and of no other", () => {
    const isGithub = (claims: Claims): boolean =>
      isTaken("trust-github-reader", "token.actions.githubusercontent.com", claims);
    const isGitlab = (sub: string): boolean =>
      isTaken("trust-gitlab-reader", "gitlab.com", { ...gitlab, sub });

    expect(isGithub(pullRequest)).toBe(true);
    expect(isGithub({ ...pullRequest, sub: `${withIds}pull_request` })).toBe(true);
    expect(isGithub({ ...pullRequest, repository_id: "8" })).toBe(false);
    expect(isGithub({ ...pullRequest, sub: "repo:OWNER/NAME2:pull_request" })).toBe(false);
    expect(isGitlab("project_path:OWNER/NAME:ref_type:branch:ref:fix")).toBe(true);
    expect(isGitlab("project_path:OWNER/NAME2:ref_type:branch:ref:fix")).toBe(false);
  });
});

describe("the job of GitHub in templates/aws/README.md", () => {
  const page = readFileSync(new URL("../../templates/aws/README.md", import.meta.url), "utf8");
  const job = /^```yaml\n(jobs:\n[^]*?)^```/m.exec(page)?.[1] ?? "";

  it("is one that GitHub's own parser takes, may ask for a token, and pins what it uses", () => {
    const file = { name: "ci.yml", content: `on: push\n${job}` };
    const { context, value } = parseWorkflow(file, new NoOperationTraceWriter());

    expect(value).toBeDefined();
    expect(context.errors.getErrors()).toEqual([]);
    expect(job).toContain("      id-token: write\n");
    expect(job).toContain("      contents: read\n");
    const used = [...job.matchAll(/uses: (\S+)/g)].map(([, ref]) => ref);
    expect(used).toHaveLength(2);
    for (const ref of used) expect(ref).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  });
});

describe.skipIf(!hasCeph)("the policies for AWS, on Ceph's gateway (radosgw)", () => {
  const on = cephBuckets();
  let guest: Keys;

  beforeAll(async () => {
    guest = await on.ceph.user("guest");
  });

  const apply = async (statements: readonly Statement[]): Promise<void> => {
    const policy = { Version: "2012-10-17", Statement: statements };
    const body = Buffer.from(JSON.stringify(policy));
    const { status } = await on.bucket.ask({
      method: "PUT",
      key: null,
      query: { policy: "" },
      body,
    });
    expect(status).toBeLessThan(300);
  };
  /** The statements of a role, as those of a bucket for one user. */
  const forGuest = (name: string): readonly Statement[] =>
    read(name, on.bucket.place.bucket).Statement.map((one) => ({
      ...one,
      Principal: { AWS: ["arn:aws:iam:::user/guest"] },
    }));
  const bytes = new Uint8Array(Buffer.from("p0"));

  it("let a reader read, and nothing more", async () => {
    await openS3Store(on.bucket.options()).append(0, bytes, "");
    await apply(forGuest("reader-policy"));
    const store = openS3Store(on.bucket.options({ env: on.bucket.environment(guest) }));

    expect((await store.tail(1)).size).toBe(1);
    await expect(store.append(1, bytes, "")).rejects.toMatchObject({ code: "append-refused" });
    expect(await store.probe()).toMatchObject({ readable: true, appendable: false });
  });

  it("may be narrower than a reader's: the segments need not be listed", async () => {
    for (let seq = 0; seq < 70; seq += 1) {
      await on.bucket.ask({ method: "PUT", key: positionKey(seq), body: Buffer.from(bytes) });
    }
    await apply(
      forGuest("reader-policy").map((one) =>
        one.Sid === "List"
          ? { ...one, Condition: { StringLike: { "s3:prefix": "team/optout/entries/*" } } }
          : one,
      ),
    );
    const store = openS3Store(on.bucket.options({ env: on.bucket.environment(guest) }));

    expect((await store.tail(1)).size).toBe(70);
  });

  it("let a writer create, and not delete", async () => {
    await apply(forGuest("writer-policy"));
    const options = on.bucket.options({ env: on.bucket.environment(guest) });
    const store = openS3Store(options);

    expect(await store.append(0, bytes, "")).toBe("created");
    const removed = await new S3Client(options).send({ method: "DELETE", key: positionKey(0) });
    expect(removed.status).toBe(403);
    expect((await store.probe()).warnings?.map(({ message }) => message)).toEqual([
      "this credential may overwrite what is in the log",
    ]);
  });

  it("keep a writer to the log's own prefix", async () => {
    await apply(forGuest("writer-policy"));
    const client = new S3Client(on.bucket.options({ env: on.bucket.environment(guest) }));

    const elsewhere = await client.send({ method: "PUT", key: "other/x", body: bytes });
    const listed = await client.send({ method: "GET", key: null, query: { "list-type": "2" } });

    expect([elsewhere.status, listed.status]).toEqual([403, 403]);
  });

  it("keep even the bucket's owner from deleting", async () => {
    await openS3Store(on.bucket.options()).append(0, bytes, "");
    await apply([statement(read("bucket-policy", on.bucket.place.bucket), "NeverDelete")]);

    const { status } = await on.bucket.ask({ method: "DELETE", key: positionKey(0) });

    expect(status).toBe(403);
    expect((await openS3Store(on.bucket.options()).tail(1)).size).toBe(1);
  });
});
