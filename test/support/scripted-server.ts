/**
 * An HTTP server that answers as it is told, one answer after the other, and keeps what it was asked.
 */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";

export interface ScriptedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ScriptedServer {
  readonly endpoint: string;
  /** `PUT /bucket/key`, in order. */
  readonly asked: readonly string[];
  readonly headers: readonly IncomingHttpHeaders[];
  /** Milliseconds at which it was asked, by the same clock. */
  readonly times: readonly number[];
  stop(): Promise<void>;
}

/** The last answer is given again and again. */
export async function serveScript(answers: readonly ScriptedAnswer[]): Promise<ScriptedServer> {
  const asked: string[] = [];
  const times: number[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server: Server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
      times.push(performance.now());
      headers.push(request.headers);
      response.writeHead(answer?.status ?? 500, answer?.headers);
      response.end(answer?.body ?? "");
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    asked,
    headers,
    times,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
