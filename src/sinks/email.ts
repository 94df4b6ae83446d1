/**
 * E-mail, by a mail server that the policy names. STARTTLS is demanded unless the policy says that
 * the connection begins with TLS, or that the server is on this very machine. nodemailer is loaded
 * when a mail is sent.
 */
import type { EmailChannel, SecretSource } from "../core/channel.ts";
import { sha256Base64url } from "../core/crypto.ts";
import { OptoutError } from "../core/errors.ts";
import type { Message } from "../core/notice.ts";
import { isThisMachine } from "../system/this-machine.ts";
import { withDeadline } from "../system/with-deadline.ts";
import { nameOf, readSecret } from "./secret.ts";
import type { Limit, OpenedChannel, SinkSetting } from "./sink.ts";

/** A mail as plain text. */
export interface Mail {
  /** One line. */
  readonly subject: string;
  readonly text: string;
  /** Of the message and of the first one of its thread, without angle brackets. */
  readonly id: string;
  readonly thread: string;
}

interface Login {
  readonly user: string;
  readonly pass: string;
}

/** @param render the mail */
export function openEmail(
  channel: EmailChannel,
  setting: SinkSetting,
  render: (message: Message) => Mail,
): OpenedChannel {
  const { server, user, password, recipients, tls, line } = channel;
  const [login, missing] = loginOf(user, password, setting);
  if (missing.length > 0) return { kind: "elsewhere", channel, missing };
  if (tls === "none" && !isThisMachine(server.host)) {
    const what = `mail to ${server.host} would not be encrypted: tls: none is for this machine`;
    const problem = new OptoutError("policy-invalid", `the policy's line ${line}: ${what}`);
    return { kind: "broken", channel, problem };
  }
  const target = JSON.stringify([server, recipients]);
  return {
    kind: "ready",
    channel,
    sink: {
      targetHash: sha256Base64url(Buffer.from(target, "utf8")),
      send: (message, limit) => deliver(channel, login, render(message), limit),
    },
  };
}

function loginOf(
  user: SecretSource | null,
  password: SecretSource | null,
  setting: SinkSetting,
): readonly [Login | null, readonly string[]] {
  if (user === null || password === null) return [null, []];
  const [name, pass] = [readSecret(user, setting), readSecret(password, setting)];
  if (name !== null && pass !== null) return [{ user: name, pass }, []];
  const missing = [...(name === null ? [user] : []), ...(pass === null ? [password] : [])];
  return [null, missing.map(nameOf)];
}

async function deliver(
  { server, tls, sender, recipients }: EmailChannel,
  login: Login | null,
  { subject, text, id, thread }: Mail,
  { signal, left }: Limit,
): Promise<void> {
  const { createTransport } = await import("nodemailer");
  // nodemailer takes whole milliseconds only, and throws at others where nobody can catch it
  const patience = Math.ceil(Math.max(1, left()));
  const transport = createTransport({
    host: server.host,
    port: server.port,
    secure: tls === "implicit",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    ...(login === null ? {} : { auth: login }),
    connectionTimeout: patience,
    greetingTimeout: patience,
    socketTimeout: patience,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = sender.slice(sender.lastIndexOf("@") + 1);
  const named = (which: string): string => `<${which}@${domain}>`;
  try {
    const sent = transport.sendMail({
      from: sender,
      to: [...recipients],
      subject,
      text,
      messageId: named(id),
      ...(thread === id ? {} : { inReplyTo: named(thread), references: named(thread) }),
      headers: { "Auto-Submitted": "auto-generated" },
    });
    await withDeadline(signal, `telling ${server.host}`, sent);
  } catch (thrown) {
    throw thrown instanceof OptoutError ? thrown : failure(thrown, server.host);
  } finally {
    transport.close();
  }
}

/** What a server or a library says may hold a login, so only the kind of the fault is told. */
function failure(thrown: unknown, host: string): OptoutError {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  const status =
    thrown instanceof Error && "responseCode" in thrown && typeof thrown.responseCode === "number"
      ? ` (${thrown.responseCode})`
      : "";
  const what = meanings[code] ?? "does not take the mail";
  return new OptoutError("unreachable", `${host} ${what}${status}`);
}

const meanings: Readonly<Record<string, string>> = {
  EAUTH: "refuses the login",
  ETLS: "does not speak TLS as it must",
  EENVELOPE: "refuses the sender or a recipient",
  ECONNECTION: "cannot be reached",
  ESOCKET: "cannot be reached, or its certificate is not trusted",
  ETIMEDOUT: "does not answer in time",
  EDNS: "is not known",
};
