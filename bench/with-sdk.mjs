/*
 * What a check asks of a bucket, asked with the AWS SDK: two listings, then every position.
 */
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";

const [endpoint, Bucket, prefix] = process.argv.slice(2);
const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true });
async function main() {
  const groups = await client.send(
    new ListObjectsV2Command({ Bucket, Prefix: `${prefix}/entries/`, Delimiter: "/" }),
  );
  const last = groups.CommonPrefixes.at(-1).Prefix;
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: last }));
  const bodies = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return Body.transformToByteArray();
    }),
  );
  process.exitCode = bodies.length > 0 ? 0 : 1;
}

void main();
