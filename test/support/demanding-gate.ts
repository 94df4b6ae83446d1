/**
 * Stands before a real server of buckets and demands of uploads what AWS demands where objects are
 * retained by Object Lock: a digest of the bytes, and a true one.
 *
 * Source: Amazon S3 User Guide, "Object Lock considerations". No server that runs here demands it.
 */
import { createHash } from "node:crypto";
import { createServer, request, type IncomingMessage } from "node:http";

import type { BucketServer } from "./s3-world.ts";

export interface DemandingGate extends BucketServer {
  /** What it refused, as `PUT /bucket/key CODE`. */
  readonly refused: readonly string[];
  stop(): Promise<void>;
}

export async function demandDigests(behind: BucketServer): Promise<DemandingGate> {
  const refused: string[] = [];
  const target = new URL(behind.endpoint);
  const server = createServer((asked, answer) => {
    void (async () => {
      const body = await bytesOf(asked);
      const code = asked.method === "PUT" && body.length > 0 ? faultOf(asked.headers, body) : null;
      if (code !== null) {
        refused.push(`${asked.method ?? ""} ${asked.url ?? ""} ${code}`);
        answer.writeHead(400).end(`<Error><Code>${code}</Code></Error>`);
        return;
      }
      const { method, url: path, headers } = asked;
      const { hostname, port } = target;
      const passed = request({ hostname, port, method, path, headers }, (reply) => {
        answer.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.pipe(answer);
      });
      passed.on("error", () => answer.destroy());
      passed.end(body);
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    owner: behind.owner,
    refused,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function faultOf(headers: IncomingMessage["headers"], body: Buffer): string | null {
  const told: readonly (readonly [string, unknown])[] = [
    ["md5", headers["content-md5"]],
    ["sha256", headers["x-amz-checksum-sha256"]],
  ];
  const [found] = told.filter(([, digest]) => digest !== undefined);
  if (found === undefined) return "InvalidRequest";
  const [algorithm, digest] = found;
  return createHash(algorithm).update(body).digest("base64") === digest ? null : "BadDigest";
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
