/**
 * Where the credentials for a bucket come from, each way against a server of this machine.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { awsCredentials, profileRegion } from "../../src/stores/aws-credentials.ts";
import { problemOf } from "../support/problem.ts";
import { serveScript, type ScriptedServer } from "../support/scripted-server.ts";

const before = { ...process.env };
let folder: string;
let server: ScriptedServer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "optout-aws-"));
  for (const name of Object.keys(process.env))
    if (name.startsWith("AWS_")) delete process.env[name];
  set({
    HOME: folder,
    AWS_CONFIG_FILE: join(folder, "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, "credentials"),
    AWS_EC2_METADATA_DISABLED: "true",
  });
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  for (const name of Object.keys(process.env))
    if (name.startsWith("AWS_")) delete process.env[name];
  Object.assign(process.env, before);
  await server?.stop();
  server = undefined;
});

/** AWS's providers read the process's own environment. */
function set(more: Readonly<Record<string, string>>): void {
  Object.assign(process.env, more);
}

const inOneHour = (): string => new Date(Date.now() + 3_600_000).toISOString();
const found = async (): Promise<object> => {
  const { accessKeyId, secretAccessKey, sessionToken } = await awsCredentials(process.env);
  return { accessKeyId, secretAccessKey, sessionToken };
};
const given = { accessKeyId: "AKID", secretAccessKey: "secret", sessionToken: "token" };

describe("credentials come from", () => {
  it("the environment, with a session's token", async () => {
    set({
      AWS_ACCESS_KEY_ID: "AKID",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_SESSION_TOKEN: "token",
    });

    expect(await found()).toEqual(given);
  });

  it("a shared profile, and so does the region", async () => {
    writeFileSync(
      join(folder, "credentials"),
      "[ops]\naws_access_key_id = AKID\naws_secret_access_key = secret\naws_session_token = token\n",
    );
    writeFileSync(join(folder, "config"), "[profile ops]\nregion = eu-west-3\n");
    set({ AWS_PROFILE: "ops", AWS_ACCESS_KEY_ID: "other", AWS_SECRET_ACCESS_KEY: "other" });

    expect(await found()).toEqual(given);
    expect(await profileRegion(process.env)).toBe("eu-west-3");
  });

  it("the token of a web identity", async () => {
    server = await serveScript([
      {
        status: 200,
        headers: { "content-type": "text/xml" },
        body: `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>AKID</AccessKeyId>
<SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
<Expiration>${inOneHour()}</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`,
      },
    ]);
    writeFileSync(join(folder, "token"), "canary.web.identity");
    set({
      AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, "token"),
      AWS_ROLE_ARN: "arn:aws:iam::1:role/ci",
      AWS_REGION: "eu-west-1",
      AWS_ENDPOINT_URL_STS: server.endpoint,
    });

    expect(await found()).toEqual(given);
  });

  it("the service of a container", async () => {
    server = await serveScript([
      {
        status: 200,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          AccessKeyId: "AKID",
          SecretAccessKey: "secret",
          Token: "token",
          Expiration: inOneHour(),
        }),
      },
    ]);
    set({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${server.endpoint}/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "canary",
    });

    expect(await found()).toEqual(given);
    expect(server.headers[0]?.authorization).toBe("canary");
  });

  it("the metadata of an instance", async () => {
    server = await serveScript([
      { status: 200, body: "metadata-token" },
      { status: 200, body: "role" },
      {
        status: 200,
        body: JSON.stringify({
          Code: "Success",
          AccessKeyId: "AKID",
          SecretAccessKey: "secret",
          Token: "token",
          Expiration: inOneHour(),
        }),
      },
    ]);
    delete process.env["AWS_EC2_METADATA_DISABLED"];
    set({ AWS_EC2_METADATA_SERVICE_ENDPOINT: server.endpoint });

    expect(await found()).toEqual(given);
    expect(server.asked[0]).toBe("PUT /latest/api/token");
  });
});

describe("without credentials", () => {
  it("what helps is told", async () => {
    expect(await problemOf(awsCredentials(process.env))).toEqual({
      code: "store-denied",
      message: "there are no AWS credentials that work",
      hint: "aws sts get-caller-identity   (shows what AWS's own tools find)",
    });
  });

  it("a refusal shows nothing of the token", async () => {
    server = await serveScript([{ status: 403, body: "canary-answer" }]);
    writeFileSync(join(folder, "token"), "canary.web.identity");
    set({
      AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, "token"),
      AWS_ROLE_ARN: "arn:aws:iam::1:role/ci",
      AWS_REGION: "eu-west-1",
      AWS_ENDPOINT_URL_STS: server.endpoint,
    });

    const error = await problemOf(awsCredentials(process.env));

    expect(error.code).toBe("store-denied");
    expect(JSON.stringify(error)).not.toContain("canary");
  });

  it("and without a region, both are named", async () => {
    expect(await problemOf(profileRegion(process.env))).toMatchObject({
      code: "config-invalid",
      message: "nothing says in which region the bucket is",
    });
  });
});
