/**
 * A store whose appends are known when a command is stopped in the middle: whoever presses Ctrl-C is
 * told what was recorded, and what may have been.
 */
import { OptoutError } from "../core/errors.ts";
import { assertInTime, type Deadline } from "../system/deadline.ts";
import type { Store } from "./store.ts";

/** What one command has appended, in all its stores. */
export class Witness {
  readonly #recorded: string[] = [];
  /** Its outcome is not known yet, or will never be. */
  #begun: string | null = null;

  /** The same store, seen by this witness; it begins no append once the deadline has fired. */
  watch(store: Store, deadline: Deadline): Store {
    return {
      name: store.name,
      readsAtOnce: store.readsAtOnce,
      tail: (count) => store.tail(count),
      before: (seq, count) => store.before(seq, count),
      append: async (seq, bytes, title) => {
        assertInTime(deadline, "a position was written");
        this.#begun = title;
        const outcome = await store.append(seq, bytes, title);
        this.#begun = null;
        if (outcome === "created") this.#recorded.push(title);
        return outcome;
      },
      scan: (from) => store.scan(from),
      probe: () => store.probe(),
      examine: () => store.examine(),
      time: () => store.time(),
    };
  }

  /** The end of a command that is stopped now. */
  interrupted(): OptoutError {
    const recorded = this.#recorded.map((title) => `recorded: ${title}`);
    if (this.#begun === null) {
      const said = recorded.length === 0 ? ["nothing was recorded"] : recorded;
      return new OptoutError("interrupted", ["stopped", ...said].join("; "));
    }
    const unknown = `it is not known whether this was recorded: ${this.#begun}`;
    return new OptoutError("interrupted", ["stopped", ...recorded, unknown].join("; "), {
      hint: "optout status",
    });
  }
}
