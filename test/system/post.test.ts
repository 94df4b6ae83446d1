/** Telling a host something: when it is tried again, where it may lead, and what is never said. */
import { createServer, type AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { OptoutError } from "../../src/core/errors.ts";
import { allowedUrl, post, type Post } from "../../src/system/post.ts";
import { refusal } from "../support/problem.ts";
import { canary, startReceiver, status, type Receiver } from "../support/receiver.ts";

let receiver: Receiver;

beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

function limit(milliseconds = 10_000): Pick<Post, "signal" | "left"> {
  const end = Date.now() + milliseconds;
  return { signal: AbortSignal.timeout(milliseconds), left: () => Math.max(0, end - Date.now()) };
}

const send = (more: Partial<Post> = {}): Promise<void> =>
  post({
    address: receiver.address,
    hosts: [receiver.host],
    headers: () => ({ "content-type": "application/json" }),
    body: "{}",
    ...limit(),
    ...more,
  });

async function discreet(sending: Promise<void>): Promise<OptoutError> {
  const thrown = await refusal(sending);
  expect(`${thrown.message} ${thrown.hint ?? ""} ${thrown.stack ?? ""}`).not.toContain(canary);
  return thrown;
}

describe("a receiver", () => {
  it.each([200, 202, 204])("has got it when it answers %i", async (code) => {
    receiver.behave(status(code));
    await send();

    expect(receiver.received).toHaveLength(1);
  });

  it.each([408, 429, 500, 503])("is asked again when it answers %i", async (code) => {
    receiver.behave(status(code), status(200));
    await send();

    expect(receiver.received).toHaveLength(2);
  });

  it.each([400, 401, 403, 404, 410, 413])("is not asked again when it answers %i", async (code) => {
    receiver.behave(status(code));

    expect(await discreet(send())).toMatchObject({
      code: "unreachable",
      message: `${receiver.host} answered ${code}`,
    });
    expect(receiver.received).toHaveLength(1);
  });

  it("is given up after four tries", async () => {
    receiver.behave(status(500));

    expect(await discreet(send())).toMatchObject({ message: `${receiver.host} answered 500` });
    expect(receiver.received).toHaveLength(4);
  });

  it("is not asked again when it asks to wait for longer than there is time", async () => {
    receiver.behave(status(429, { "retry-after": "3600" }));

    expect(await discreet(send())).toMatchObject({
      message: `${receiver.host} answered 429 and asks to wait 3600 s`,
    });
    expect(receiver.received).toHaveLength(1);
  });

  it("that never answers costs the time given, and no more", async () => {
    receiver.behave(() => undefined);

    expect(await discreet(send(limit(300)))).toMatchObject({ code: "timeout" });
  });

  it("has got it when it has answered, though its answer never ends", async () => {
    receiver.behave((response) => void response.writeHead(200).write("o"));
    await send();

    expect(receiver.received).toHaveLength(1);
  });

  it("that cuts the connection is asked again", async () => {
    receiver.behave((_response, socket) => void socket.destroy(), status(200));
    await send();

    expect(receiver.received).toHaveLength(2);
  });

  it("that answers garbage has not got it", async () => {
    receiver.behave((_response, socket) => void socket.end("\u0000\u0001 garbage\r\n\r\n"));

    expect(await discreet(send())).toMatchObject({ code: "unreachable" });
  });

  it("that is not there is not reachable", async () => {
    await receiver.close();

    expect(await discreet(send())).toMatchObject({
      message: `${receiver.host} cannot be reached (ECONNREFUSED)`,
    });
  });
});

describe("a redirect", () => {
  it("to another path of the same place is followed, with method and body", async () => {
    receiver.behave(status(307, { location: "/elsewhere" }), status(200));
    await send({ body: '{"a":1}' });

    expect(receiver.received.map(({ path, body }) => [path, body])).toEqual([
      [`/services/${canary}`, '{"a":1}'],
      ["/elsewhere", '{"a":1}'],
    ]);
  });

  it.each([
    ["another host", "https://evil.example/collect"],
    ["another port", "http://127.0.0.1:1/collect"],
    ["the metadata of a cloud", "http://169.254.169.254/latest/meta-data/"],
    ["a file", "file:///etc/passwd"],
  ])("to %s is refused", async (_, location) => {
    receiver.behave(status(307, { location }));

    expect(await discreet(send())).toMatchObject({ code: "refused" });
    expect(receiver.received).toHaveLength(1);
  });

  it("that would lose the body is no delivery", async () => {
    receiver.behave(status(302, { location: "/elsewhere" }));

    expect(await discreet(send())).toMatchObject({ message: `${receiver.host} answered 302` });
  });

  it("in a circle ends", async () => {
    receiver.behave(status(308, { location: "/again" }));

    expect(await discreet(send())).toMatchObject({ code: "unreachable" });
  });
});

describe("an address", () => {
  const host = (address: string, ...hosts: readonly string[]): string =>
    allowedUrl(address, hosts).host;

  it.each([
    ["of a host that is named", "https://hooks.example.com/x", "hooks.example.com"],
    ["with a port that is named", "https://hooks.example.com:8443/x", "hooks.example.com:8443"],
    ["with the port of https", "https://hooks.example.com:443/x", "hooks.example.com"],
    ["below a domain that is named", "https://prod-7.logic.azure.com/x", "*.logic.azure.com"],
    ["of this very machine over http", "http://127.0.0.1:8080/x", "127.0.0.1:8080"],
  ])("%s may be used", (_, address, entry) => {
    expect(host(address, entry)).toBe(new URL(address).host);
  });

  it.each([
    ["of another host", "https://evil.example/x", "hooks.example.com"],
    ["of a host that ends alike", "https://evillogic.azure.com/x", "*.logic.azure.com"],
    ["of the domain itself", "https://logic.azure.com/x", "*.logic.azure.com"],
    ["of another port", "https://hooks.example.com:8443/x", "hooks.example.com"],
    ["without encryption", "http://hooks.example.com/x", "hooks.example.com"],
    ["that is a file", "file:///etc/passwd", "hooks.example.com"],
    ["of a cloud's metadata", "http://169.254.169.254/latest", "169.254.169.254"],
    ["of this machine, which is not named", "http://127.0.0.1:8080/x", "hooks.example.com"],
    ["of this machine, written as a number", "http://2130706433:8080/x", "hooks.example.com"],
    ["with a password", "https://a:b@hooks.example.com/x", "hooks.example.com"],
    ["that is none", `not a ${canary}`, "hooks.example.com"],
  ])("%s must not be used", async (_, address, entry) => {
    const thrown = await discreet(Promise.resolve().then(() => void host(address, entry)));

    expect(["refused", "config-invalid"]).toContain(thrown.code);
  });

  it("of a name that leads to this machine is not connected to", async () => {
    const server = createServer(() => expect.unreachable("it was connected to"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    // a name of this machine's own, as /etc/hosts or a resolver may make one lead anywhere
    const name = "ip6-localhost";
    const sending = send({ address: `https://${name}:${port}/`, hosts: [`${name}:${port}`] });

    expect((await discreet(sending)).message).toMatch(/cannot be reached \((?:INWARD|E[A-Z_]+)\)$/);
    server.close();
  });
});
