/**
 * A git host over http: the real `git http-backend` behind a small server with Basic auth and rights
 * to push for each user.
 */
import { execFileSync, spawn } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

interface User {
  readonly password: string;
  readonly mayPush: boolean;
}

const users: Readonly<Record<string, User>> = {
  alice: { password: "s3cret", mayPush: true },
  bob: { password: "r0", mayPush: false },
  // a forge takes a token of an account as its password
  "x-access-token": { password: "token-of-alice", mayPush: true },
};

export interface HttpGit {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly port: number;
  /** `METHOD /path?query` of each request that got past the login. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** The value of an `Authorization` header for a user. */
export function basicAuth(user: string): string {
  const password = users[user]?.password ?? "";
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/** Serves the bare repositories under `root`. */
export async function serveGit(root: string): Promise<HttpGit> {
  const backend = join(
    execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(),
    "git-http-backend",
  );
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const user = userOf(request);
    if (user === null) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
      return;
    }
    const isPush = (request.url ?? "").includes("git-receive-pack");
    if (isPush && users[user]?.mayPush !== true) {
      response.writeHead(403).end("forbidden\n");
      return;
    }
    requests.push(`${request.method} ${request.url}`);
    answer(request, response, { backend, root, user });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = addressOf(server);
  return { origin: `http://127.0.0.1:${port}`, port, requests, close: () => close(server) };
}

interface Backend {
  readonly backend: string;
  readonly root: string;
  readonly user: string;
}

/** Runs the CGI program (RFC 3875) for one request. */
function answer(request: IncomingMessage, response: ServerResponse, to: Backend): void {
  const url = new URL(request.url ?? "/", "http://host");
  const child = spawn(to.backend, [], {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: to.root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      CONTENT_LENGTH: request.headers["content-length"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      REMOTE_USER: to.user,
      REMOTE_ADDR: "127.0.0.1",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => undefined);
  request.on("error", () => child.kill());
  response.on("error", () => undefined);
  let head: Buffer | null = Buffer.alloc(0);
  child.stdout.on("data", (chunk: Buffer) => {
    if (head === null) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    writeHead(response, head.toString("latin1", 0, end));
    response.write(head.subarray(end + 4));
    head = null;
  });
  child.on("close", () => response.end());
}

function writeHead(response: ServerResponse, head: string): void {
  let status = 200;
  for (const line of head.split("\r\n")) {
    const [name = "", ...value] = line.split(":");
    if (name.toLowerCase() === "status") status = Number.parseInt(value.join(":"), 10);
    else response.setHeader(name, value.join(":").trim());
  }
  response.writeHead(status);
}

function userOf(request: IncomingMessage): string | null {
  const given = request.headers.authorization;
  return Object.keys(users).find((user) => basicAuth(user) === given) ?? null;
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}
