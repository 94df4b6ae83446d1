/**
 * Whose requests these are. What stands in the environment is taken as it is; for all else (shared
 * profiles, single sign-on, web identity, containers, instances) AWS's own providers are asked, which
 * nobody loads who does not need them.
 */
import { OptoutError } from "../core/errors.ts";
import type { Environment } from "../system/places.ts";
import { plainRegion } from "./s3-place.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * The credentials at hand. Called again for each command; what AWS's providers find, they keep.
 * @throws `store-denied` when there are none, or they cannot be had
 */
export async function awsCredentials(env: Environment): Promise<AwsCredentials> {
  const accessKeyId = env["AWS_ACCESS_KEY_ID"] ?? "";
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"] ?? "";
  // a profile that is asked for by name comes first, as with AWS's own tools for JavaScript
  if (accessKeyId !== "" && secretAccessKey !== "" && (env["AWS_PROFILE"] ?? "") === "") {
    const sessionToken = env["AWS_SESSION_TOKEN"] ?? "";
    return { accessKeyId, secretAccessKey, ...(sessionToken === "" ? {} : { sessionToken }) };
  }
  const { providedCredentials } = await import("./aws-providers.ts");
  return providedCredentials();
}

/**
 * The region that a profile names.
 * @throws `config-invalid` where none does
 */
export async function profileRegion(env: Environment): Promise<string> {
  const { providedRegion } = await import("./aws-providers.ts");
  const found = await providedRegion(env["AWS_PROFILE"] ?? "default");
  if (found !== null) return plainRegion(found, "AWS_REGION");
  throw new OptoutError("config-invalid", "nothing says in which region the bucket is", {
    hint: "export AWS_REGION=…, or name the region in the policy: log: { store: s3, region: … }",
  });
}
