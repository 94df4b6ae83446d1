/**
 * A mail server on loopback: STARTTLS with a certificate of its own, a login, and what it got.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { SMTPServer } from "smtp-server";

export interface MailServer {
  readonly port: number;
  /** The certificate, for NODE_EXTRA_CA_CERTS. */
  readonly certificate: string;
  /** Whole messages, each with how it came. */
  readonly mails: readonly {
    readonly text: string;
    readonly secure: boolean;
    readonly user: string;
  }[];
  close(): Promise<void>;
}

export interface MailOptions {
  /** Without TLS, as an old server. */
  readonly isPlain?: boolean;
  /** TLS from the first byte. */
  readonly isImplicit?: boolean;
  /** Who may send; anybody where it is not given. */
  readonly login?: { readonly user: string; readonly password: string };
}

export async function startMailServer(options: MailOptions = {}): Promise<MailServer> {
  const folder = mkdtempSync(join(tmpdir(), "optout-mail-"));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = [
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost,IP:127.0.0.1",
  ];
  const made = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const files = ["-days", "2", "-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", ...made, ...files, ...subject], { stdio: "ignore" });
  const mails: { text: string; secure: boolean; user: string }[] = [];
  const { login } = options;
  const server = new SMTPServer({
    key: readFileSync(key),
    cert: readFileSync(certificate),
    secure: options.isImplicit === true,
    hideSTARTTLS: options.isPlain === true,
    disabledCommands: options.isPlain === true ? ["STARTTLS"] : [],
    authOptional: login === undefined,
    onAuth: ({ username, password }, _session, done) => {
      const isKnown = username === login?.user && password === login?.password;
      // an unkind server: it repeats the login in its refusal
      if (isKnown) done(null, { user: username });
      else done(new Error(`no login for ${username}:${password}`));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        mails.push({ text, secure: session.secure, user: String(session.user ?? "") });
        done();
      });
    },
  });
  server.on("error", () => undefined); // a client that does not trust it hangs up
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    certificate,
    mails,
    close: () =>
      new Promise((resolve) =>
        server.close(() => {
          rmSync(folder, { recursive: true, force: true });
          resolve();
        }),
      ),
  };
}
