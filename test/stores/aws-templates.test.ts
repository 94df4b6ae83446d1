/**
 * The policies of templates/aws: what they say, and what Ceph's gateway makes of them. It knows
 * neither `s3:if-none-match` nor `aws:SecureTransport`: those statements are read and not tried.
 */
import { readFileSync } from "node:fs";

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
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
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

  it.each(["trust-github", "trust-gitlab"])(
    "%s takes tokens of one repository, for one audience",
    (name) => {
      const [only, ...others] = read(name).Statement;
      expect(others).toEqual([]);
      const conditions = Object.entries(only?.Condition ?? {});
      const flat = conditions.flatMap(([how, keys]) =>
        Object.entries(keys).map(([key, value]) => `${how} ${key.split(":")[1] ?? ""} ${value}`),
      );
      expect(flat).toHaveLength(2);
      expect(flat[0]).toMatch(/^StringEquals aud \S+$/);
      expect(flat[1]).toMatch(/^StringLike sub (?:repo|project_path):OWNER\/NAME:\*$/);
    },
  );
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
