/** Which hosts are this machine by their names alone. */
import { expect, it } from "vitest";

import { isThisMachine } from "../../src/system/this-machine.ts";

it.each(["localhost", "127.0.0.1", "127.1.2.3", "127.255.255.255", "::1", "[::1]"])(
  "%s is this machine",
  (hostname) => {
    expect(isThisMachine(hostname)).toBe(true);
  },
);

it.each([
  "",
  "localhost.example.com",
  "mylocalhost",
  "127.0.0.1.example.com",
  "127.0.0.256",
  "127.0.0.1:80",
  "127.example.com",
  "128.0.0.1",
  "10.0.0.1",
  "0.0.0.0",
  "169.254.169.254",
  "[127.0.0.1]",
  "::",
  "[::2]",
  "[fe80::1]",
  "example.com",
])("%j is not", (hostname) => {
  expect(isThisMachine(hostname)).toBe(false);
});
