/**
 * A real store on which faults strike at chosen calls: before anything happens, after it has
 * happened (the answer is lost), or late.
 */
import { OptoutError } from "../../src/core/errors.ts";
import type { Store, StoreProbe, Tail } from "../../src/stores/store.ts";

export type StoreFault = "before" | "after" | "late" | "none";

type Method = "tail" | "before" | "append" | "probe";

/** Says what befalls the n-th call (from 0) of a method. */
export type FaultPlan = (method: Method, call: number) => StoreFault;

/** Wraps a store; a lost answer or an early failure surfaces as `unreachable`. */
export function faultyStore(store: Store, plan: FaultPlan): Store {
  const calls = new Map<Method, number>();
  const strike = async <T>(method: Method, act: () => Promise<T>): Promise<T> => {
    const call = calls.get(method) ?? 0;
    calls.set(method, call + 1);
    const fault = plan(method, call);
    if (fault === "before") throw lost(method);
    if (fault === "late") await new Promise((resolve) => setTimeout(resolve, 20));
    const result = await act();
    if (fault === "after") throw lost(method);
    return result;
  };
  return {
    name: `${store.name} (faulty)`,
    readsAtOnce: store.readsAtOnce,
    tail: (count): Promise<Tail> => strike("tail", () => store.tail(count)),
    before: (seq, count) => strike("before", () => store.before(seq, count)),
    append: (seq, bytes, title) => strike("append", () => store.append(seq, bytes, title)),
    probe: (): Promise<StoreProbe> => strike("probe", () => store.probe()),
    scan: (from) => store.scan(from),
    examine: () => store.examine(),
    time: () => store.time(),
  };
}

function lost(method: Method): OptoutError {
  return new OptoutError("unreachable", `a fault struck ${method}`);
}
