/**
 * `optout login` and `optout logout`: a token for the forge, from its device flow or from standard
 * input. It is kept, and never shown.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { forgeNames, type ForgeName } from "../core/forge-name.ts";
import type { ForgeHost, Grant, SignIns } from "../forges/api.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { type LoginJson, codeLines, signedInLines, signedOutLine } from "../output/login-words.ts";
import { linesFor, talkFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";
import { paintErr, paintOut } from "./paint.ts";

export async function login(call: Call, io: Io, open: Openers): Promise<number> {
  const signIns = await open.signIns();
  const at = signIns.at(await hostName(call, open), forgeOf(call));
  const grant = call.has("with-token")
    ? await tokenFrom(io)
    : await grantFor(call, io, open, { signIns, at });
  const { account, where } = await signIns.keep(at, grant);
  const winner = await signIns.source(at.host);
  if (call.has("json")) {
    const { host, forge, login: name, id } = account;
    const kept = where;
    printJson(io, {
      kind: "optout/login",
      v: 1,
      host,
      forge,
      login: name,
      id,
      kept,
    } satisfies LoginJson);
    return exitStatus("ok");
  }
  const lines = signedInLines({ account, where, winner }, await paintOut(call, io));
  io.out(linesFor(io, lines));
  return exitStatus("ok");
}

export async function logout(call: Call, io: Io, open: Openers): Promise<number> {
  const signIns = await open.signIns();
  const { host } = signIns.at(await hostName(call, open), forgeOf(call));
  const wasKept = await signIns.forget(host);
  const remaining = await signIns.source(host);
  io.out(`${signedOutLine({ host, wasKept, remaining }, await paintOut(call, io))}\n`);
  return exitStatus("ok");
}

/** Without `--host` the remote's, and outside of clones the one that everybody knows. */
async function hostName(call: Call, open: Openers): Promise<string> {
  const given = call.text("host");
  if (given !== undefined) return given;
  const host = await open.workplace().then(
    ({ repository }) => repository.host,
    () => "local",
  );
  return host === "local" ? "github.com" : host;
}

function forgeOf(call: Call): ForgeName | null {
  return forgeNames.find((name) => name === call.text("forge")) ?? null;
}

async function tokenFrom(io: Io): Promise<Grant> {
  if (io.stdinIsTerminal) {
    throw new OptoutError("usage", "--with-token reads the token from standard input", {
      hint: "optout login --with-token < token.txt",
    });
  }
  const token = (await io.readStdin()).trim();
  if (/^[\x21-\x7E]{8,4096}$/.test(token)) {
    return { token, refresh: null, expiresIn: null, clientId: null };
  }
  throw new OptoutError("usage", "standard input holds no token", {
    hint: "optout login --with-token < token.txt",
  });
}

async function grantFor(
  call: Call,
  io: Io,
  open: Openers,
  { signIns, at }: { readonly signIns: SignIns; readonly at: ForgeHost },
): Promise<Grant> {
  const clientId = call.text("client-id") ?? (await clientIdOf(open)) ?? null;
  if (clientId === null) {
    throw new OptoutError("usage", "it is not known in which application's name to ask", {
      hint: "optout login --client-id ID   or with a token: optout login --with-token < token.txt",
    });
  }
  const paint = await paintErr(call, io);
  return signIns.grant(at, clientId, (verification) => {
    io.err(talkFor(io, codeLines(verification, paint)));
  });
}

/** Of the trusted policy, where there is one. */
async function clientIdOf(open: Openers): Promise<string | null> {
  return open.log().then(
    ({ policy }) => policy.signInClientId,
    () => null,
  );
}
