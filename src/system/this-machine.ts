/**
 * Whether a host is this very machine by its name alone, so that plain text to it stays here. Names
 * are never looked up: whoever answers for a name may say anything.
 */
import { isIP } from "node:net";

/** @param hostname as a URL has it (`[::1]`) or as it is typed (`::1`) */
export function isThisMachine(hostname: string): boolean {
  if (["localhost", "::1", "[::1]"].includes(hostname)) return true;
  return isIP(hostname) === 4 && hostname.startsWith("127.");
}
