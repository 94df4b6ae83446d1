/**
 * AWS's own credential providers, in their usual order. A file of its own: it loads a large client.
 */
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { loadSharedConfigFiles } from "@smithy/core/config";

import { OptoutError } from "../core/errors.ts";

/** stderr is for optout's own words. */
const silent = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

interface Provided {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What the providers find. @throws `store-denied`; the providers' own words may hold anything */
export async function providedCredentials(): Promise<Provided> {
  // which Node the providers' next version needs is no matter of whoever runs this one
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
  try {
    return await defaultProvider({ logger: silent })();
  } catch (error) {
    throw new OptoutError("store-denied", "there are no AWS credentials that work", {
      cause: error,
      hint: "aws sts get-caller-identity   (shows what AWS's own tools find)",
    });
  }
}

/** The region of a profile in AWS's shared files; null where it names none. */
export async function providedRegion(profile: string): Promise<string | null> {
  const { configFile } = await loadSharedConfigFiles();
  return configFile[profile]?.["region"] ?? null;
}
