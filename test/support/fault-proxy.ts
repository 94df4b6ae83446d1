/**
 * A TCP proxy that breaks connections in the ways that networks do.
 */
import { createServer, connect, type AddressInfo, type Socket } from "node:net";

export type Fault =
  /** Passes everything on. */
  | { readonly kind: "none" }
  /** Refuses with a reset. */
  | { readonly kind: "reset" }
  /** Accepts and never answers. */
  | { readonly kind: "black hole" }
  /** Passes everything on, later. */
  | { readonly kind: "latency"; readonly milliseconds: number }
  /** Cuts the answer after so many bytes. */
  | { readonly kind: "cut"; readonly bytes: number }
  /**
   * Lets the request through and loses the answer to it; `match` is looked for in the request.
   */
  | { readonly kind: "lost answer"; readonly match: string };

export interface FaultProxy {
  readonly port: number;
  /** Replaces the fault for connections and data from now on; after so many strikes all is passed on. */
  set(fault: Fault, times?: number): void;
  /** How often a fault struck. */
  readonly struck: number;
  close(): Promise<void>;
}

/** Listens on a free port and passes on to another one of this machine. */
export async function startFaultProxy(target: number): Promise<FaultProxy> {
  const state: State = { fault: { kind: "none" }, left: Infinity, struck: 0 };
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    client.on("close", () => open.delete(client));
    client.on("error", () => undefined);
    serve(client, target, state);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: portOf(server.address()),
    set: (fault, times = Infinity) => {
      state.fault = fault;
      state.left = times;
    },
    get struck() {
      return state.struck;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

interface State {
  fault: Fault;
  /** How often the fault still strikes. */
  left: number;
  struck: number;
}

function strike(state: State): void {
  state.struck += 1;
  state.left -= 1;
  if (state.left <= 0) state.fault = { kind: "none" };
}

function serve(client: Socket, target: number, state: State): void {
  if (state.fault.kind === "reset") {
    strike(state);
    client.resetAndDestroy();
    return;
  }
  if (state.fault.kind === "black hole") {
    strike(state);
    client.resume();
    return;
  }
  const upstream = connect(target, "127.0.0.1");
  upstream.on("error", () => client.destroy());
  client.on("close", () => upstream.destroy());
  let isLosing = false;
  let passed = 0;
  client.on("data", (chunk) => {
    const { fault } = state;
    if (fault.kind === "lost answer" && chunk.includes(fault.match)) isLosing = true;
    if (fault.kind === "latency") setTimeout(() => upstream.write(chunk), fault.milliseconds);
    else upstream.write(chunk);
  });
  client.on("end", () => upstream.end());
  upstream.on("data", (chunk: Buffer) => {
    const { fault } = state;
    if (isLosing) {
      isLosing = false;
      strike(state);
      client.resetAndDestroy();
      return;
    }
    if (fault.kind !== "cut") {
      client.write(chunk);
      return;
    }
    client.write(chunk.subarray(0, Math.max(0, fault.bytes - passed)));
    passed += chunk.length;
    if (passed < fault.bytes) return;
    strike(state);
    client.destroy();
  });
  upstream.on("end", () => client.end());
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return address.port;
}
