/**
 * `optout requests`: what waits for approvals, and for whose.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import type { Principal } from "../core/policy.ts";
import { awaitedIn, isAwaitedFrom } from "../core/requests.ts";
import { dueReviews } from "../core/reviews.ts";
import { standings } from "../core/state.ts";
import { formatUtc } from "../core/time.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { contextIn, overrideJson } from "../output/override-json.ts";
import { marked } from "../output/paint.ts";
import {
  requestLines,
  requestsJson,
  reviewLines,
  type SeenRequest,
} from "../output/request-words.ts";
import { linesFor } from "../output/wrap.ts";
import { authorOf } from "./author.ts";
import type { Call } from "./command.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { limitSeconds, trustedView } from "./read-log.ts";
import { readerOf } from "./reader.ts";
import { sourceOf } from "./source.ts";

export async function requests(call: Call, io: Io, open: Openers): Promise<number> {
  const [log, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
  const [view, reader] = await Promise.all([
    trustedView(log, io, { atLeastSeconds: limitSeconds(log.policy) }),
    readerFor(call, log, open),
  ]);
  const reviews = call.has("mine") || call.has("for-me") ? [] : dueReviews(view, defaultBranch);
  const seen = awaitedIn(view, io.now(), defaultBranch)
    .map((awaited): SeenRequest => ({
      awaited,
      mine: awaited.judged.author.id === reader?.id,
      forMe: reader !== null && isAwaitedFrom(awaited, reader),
    }))
    .filter(({ mine, forMe }) => isWanted(call, mine, forMe));
  if (call.has("json")) {
    const source = await sourceOf(log, open);
    const objects = seen.map((one) => {
      const { judged } = one.awaited;
      const context = contextIn(view, judged, source);
      return { ...one, override: overrideJson({ judged, state: "pending" }, context) };
    });
    const all = standings(view, io.now(), defaultBranch);
    const due = reviews.flatMap(({ created, at }) => {
      const standing = all.find(({ judged }) => judged.seq === created.reading.seq);
      if (standing === undefined) return [];
      const override = overrideJson(standing, contextIn(view, standing.judged, source));
      const mine = created.genuine.principal.id === reader?.id;
      return [{ override, due: formatUtc(at), overdue: io.now() >= at, mine }];
    });
    printJson(io, requestsJson(objects, due));
  } else if (call.has("quiet")) {
    for (const { created } of call.has("reviews") ? reviews : []) {
      io.out(`${created.statement.id}\n`);
    }
    for (const { awaited } of seen) io.out(`${awaited.judged.statement.id}\n`);
  } else {
    const context = { now: io.now(), zone: io.zone, paint: await paintOut(call, io) };
    const lines = [
      ...(call.has("reviews") ? [] : requestLines(seen, context)),
      ...reviewLines(reviews, context),
    ];
    const none = [marked(context.paint, "restored", "no review is due")];
    io.out(linesFor(io, lines.length === 0 ? none : lines));
  }
  return exitStatus("ok");
}

function isWanted(call: Call, mine: boolean, forMe: boolean): boolean {
  if (call.has("reviews")) return false;
  if (!call.has("mine") && !call.has("for-me")) return true;
  return (call.has("mine") && mine) || (call.has("for-me") && forMe);
}

/** Who asks for her own must be known; everybody else may be a stranger. */
async function readerFor(call: Call, log: OpenLog, open: Openers): Promise<Principal | null> {
  const reader = await readerOf(log, open, call.text("key"));
  if (reader !== null || !(call.has("mine") || call.has("for-me"))) return reader;
  authorOf(log, await open.keys(call.text("key"))); // says what is missing
  throw new OptoutError("key-unknown", "no key at hand is in the policy", {
    hint: "optout whoami",
  });
}
