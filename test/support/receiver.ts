/**
 * A receiver of webhooks on loopback, which remembers what it got and behaves as a test says.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers one request; the socket is there to be cut or written garbage to. */
export type Behaviour = (response: ServerResponse, socket: Socket) => void;

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  (response) =>
    void response.writeHead(code, headers).end("ok");

export interface Receiver {
  /** `127.0.0.1:40001`. */
  readonly host: string;
  /** A secret address of it. */
  readonly address: string;
  readonly received: readonly Received[];
  /** How the next requests are answered, the last for ever. */
  behave(...behaviours: readonly Behaviour[]): void;
  close(): Promise<void>;
}

/** A word that must never be seen anywhere but in requests. */
export const canary = "canary-8f2b61d0c7";

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let queue: readonly Behaviour[] = [status(200)];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      received.push({ path: request.url ?? "", headers: request.headers, body });
      const [now = status(200), ...later] = queue;
      if (later.length > 0) queue = later;
      now(response, request.socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  return {
    host,
    address: `http://${host}/services/${canary}`,
    received,
    behave: (...behaviours) => void (queue = behaviours),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
