/**
 * What stands in for `stores/s3-client.ts` and `stores/s3-list.ts` in the program that the benchmark
 * compares with: the same requests by the AWS SDK. Knows what a check asks, and nothing else.
 */
import { GetObjectCommand, ListObjectsV2Command, S3Client as Sdk } from "@aws-sdk/client-s3";

import type { BucketAnswer, BucketRequest, S3ClientOptions } from "../src/stores/s3-client.ts";
import type { Listed, ListRequest } from "../src/stores/s3-list.ts";

export class S3Client {
  readonly sdk: Sdk;
  readonly bucket: string;

  constructor({ place, env }: S3ClientOptions) {
    this.bucket = place.bucket;
    this.sdk = new Sdk({
      endpoint: place.endpoint ?? "",
      region: "us-east-1",
      forcePathStyle: true,
      credentials: {
        accessKeyId: env["AWS_ACCESS_KEY_ID"] ?? "",
        secretAccessKey: env["AWS_SECRET_ACCESS_KEY"] ?? "",
      },
    });
  }

  time(): number | null {
    return null;
  }

  async send({ key }: BucketRequest): Promise<BucketAnswer> {
    const asked = new GetObjectCommand({ Bucket: this.bucket, Key: key ?? "" });
    const { Body } = await this.sdk.send(asked);
    const body = Buffer.from((await Body?.transformToByteArray()) ?? []);
    return { status: 200, headers: {}, body, isRepeated: false };
  }
}

export async function* list(
  { sdk, bucket }: S3Client,
  { prefix, delimiter, after, most }: ListRequest,
): AsyncGenerator<Listed, void, void> {
  for (let token: string | undefined; ;) {
    const page = await sdk.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
        ...(after === undefined ? {} : { StartAfter: after }),
        ...(most === undefined ? {} : { MaxKeys: most }),
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
    );
    token = page.NextContinuationToken;
    const names =
      delimiter === undefined
        ? (page.Contents ?? []).map(({ Key }) => Key ?? "")
        : (page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? "");
    yield { names, digests: [], isLast: token === undefined };
    if (token === undefined) return;
  }
}
