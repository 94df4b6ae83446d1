/**
 * A proxy on loopback (CONNECT, with a user and a password) that brings every host to one TLS front on
 * this machine, and the front itself: names that exist nowhere, with certificates of a CA of their own.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";

export interface TestProxy {
  /** `http://user:password@127.0.0.1:PORT` */
  readonly url: string;
  /** `host:port` of each tunnel that was asked for with the right password. */
  readonly tunnels: string[];
  /** `refuse`: every tunnel is answered with 407; `silent`: with nothing. */
  mood: "open" | "refuse" | "silent";
  /** PEM file of the CA, for NODE_EXTRA_CA_CERTS. */
  readonly ca: string;
  close(): Promise<void>;
}

export const proxyPassword = "canary-proxy-41d2c9";

/** @param fronts the port of plain http on this machine that stands behind each host */
export async function startProxy(
  folder: string,
  fronts: Readonly<Record<string, number>>,
): Promise<TestProxy> {
  const { key, cert } = certify(folder, Object.keys(fronts));
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  };
  const front = createTlsServer({ key, cert }, (secure) => {
    keep(secure);
    const port = fronts[String(secure.servername)];
    if (port === undefined) return void secure.destroy();
    const plain = connect(port, "127.0.0.1");
    keep(plain);
    secure.pipe(plain).pipe(secure);
  });
  const frontPort = await listening(front);
  const wanted = `Basic ${Buffer.from(`user:${proxyPassword}`).toString("base64")}`;
  const tunnels: string[] = [];
  const server = createServer((_request, response) => void response.writeHead(405).end());
  const proxy = {
    tunnels,
    mood: "open" as TestProxy["mood"],
    ca: join(folder, "ca.pem"),
  };
  server.on("connect", (request, socket: Socket) => {
    keep(socket);
    if (proxy.mood === "silent") return;
    if (proxy.mood === "refuse" || request.headers["proxy-authorization"] !== wanted) {
      const asks = 'Proxy-Authenticate: Basic realm="proxy"\r\nConnection: close';
      return void socket.end(`HTTP/1.1 407 Proxy Authentication Required\r\n${asks}\r\n\r\n`);
    }
    tunnels.push(String(request.url));
    const onward = connect(frontPort, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    keep(onward);
  });
  const port = await listening(server);
  return Object.assign(proxy, {
    url: `http://user:${proxyPassword}@127.0.0.1:${port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all([server, front].map((one) => new Promise((done) => one.close(done))));
    },
  });
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

function certify(
  folder: string,
  hosts: readonly string[],
): { readonly key: Buffer; readonly cert: Buffer } {
  const openssl = (...args: readonly string[]): unknown =>
    execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", "-x509", ...ec, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test CA");
  openssl("req", ...ec, "-keyout", "front.key", "-out", "front.csr", "-subj", "/CN=front");
  const names = hosts.map((host) => `DNS:${host}`).join(",");
  writeFileSync(join(folder, "front.ext"), `subjectAltName=${names}\n`);
  const signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30"];
  const files = ["-in", "front.csr", "-out", "front.pem", "-extfile", "front.ext"];
  openssl("x509", "-req", ...files, ...signing);
  return {
    key: readFileSync(join(folder, "front.key")),
    cert: readFileSync(join(folder, "front.pem")),
  };
}
