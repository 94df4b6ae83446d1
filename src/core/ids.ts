/**
 * Ids: what they may look like, and how new ones are made.
 *
 * All are ASCII and lower case, so that no two of them look alike in a log or on a terminal.
 */
import { OptoutError } from "./errors.ts";

/**
 * A stage: `lint`, `deploy/eu-west.1`. As a regular expression without anchors. Outputs of a gate's step are
 * called like its stages, and `all_decisions` is one more of them.
 */
export const stageIdPattern = "(?!all_decisions$)[a-z0-9][a-z0-9._/-]{0,63}";

/** A principal, a role, a rule, a kind of stage, a freeze, a channel. Without anchors. */
export const namePattern = "[a-z0-9][a-z0-9._-]{0,63}";

/** Crockford base32, lower case: no i, l, o, u. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

const stageId = new RegExp(`^${stageIdPattern}$`);
const name = new RegExp(`^${namePattern}$`);

/** Whether the text can name a stage. */
export function isStageId(text: string): boolean {
  return stageId.test(text);
}

/** Whether the text can name a principal, a role, a rule or a kind of stage. */
export function isName(text: string): boolean {
  return name.test(text);
}

/** The longest name of a branch: a ref is a path of a file, and `refs/heads/` stands before it. */
const maxBranchName = 244;

const forbiddenInBranch = [
  // eslint-disable-next-line no-control-regex -- control characters are what it refuses
  /[\u0000-\u001F\u007F-\u009F]/,
  /[ ~^:?*[\\]/,
  /\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)/,
  /^[-./]|[./]$/,
] as const;

/** Whether git takes the text as the name of a branch (git-check-ref-format, with `--branch`). */
export function isBranchName(text: string): boolean {
  if (text === "" || text === "@" || text.length > maxBranchName) return false;
  return !forbiddenInBranch.some((pattern) => pattern.test(text));
}

/**
 * A new id: `ovr_` for an override, `stm_` for any other statement, and 16 characters.
 * @param random 10 bytes from a good source
 */
export function makeId(prefix: "ovr" | "stm", random: Uint8Array): string {
  if (random.length !== 10) {
    throw new OptoutError("unexpected", `an id is made of 10 random bytes, not ${random.length}`);
  }
  return `${prefix}_${base32(random)}`;
}

function base32(bytes: Uint8Array): string {
  let text = "";
  let waiting = 0;
  let bits = 0;
  for (const byte of bytes) {
    waiting = (waiting << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet.charAt((waiting >> bits) & 31);
    }
    waiting &= (1 << bits) - 1;
  }
  return text;
}
