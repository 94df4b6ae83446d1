/**
 * Secrets masked in text that others wrote: messages of git and of servers, reasons.
 *
 * The last fence, not the first: whoever makes a message leaves secrets out. It knows the places
 * where secrets stand (a URL's user, a header, a query) and the shapes of well-known tokens.
 */

const mask = "***";

const rules: readonly (readonly [RegExp, string])[] = [
  // https://user:token@host, and https://token@host; `ssh://git@host` is no secret
  [/\b(https?:\/\/)[^\s/?#]*@/gi, `$1${mask}@`],
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#:@]*:[^\s/?#]*@/gi, `$1${mask}@`],
  [
    /\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?)(?:(?:basic|bearer|token)\s+)?[^\s"',]+/gi,
    `$1${mask}`,
  ],
  [
    /\b((?:x-api-key|private-token|job-token|x-gitlab-token)["']?\s*[:=]\s*)[^\s"',]+/gi,
    `$1${mask}`,
  ],
  [/\b((?:set-)?cookie["']?\s*[:=]\s*)[^\n"']+/gi, `$1${mask}`],
  [/\b(bearer\s+)[\w.~+/=-]{16,}/gi, `$1${mask}`],
  [
    /([?&](?:[a-z_-]*token|password|secret|sig|signature|x-amz-(?:signature|credential))=)[^&\s"']+/gi,
    `$1${mask}`,
  ],
  [
    /\b(?:gh[pousr]_\w{16,}|github_pat_\w{16,}|gl(?:agent|cbt|dt|ft|imt|oas|pat|ptt|rt|soat)-[\w-]{16,}|xox[a-z]-[\w-]{10,}|npm_\w{30,})/g,
    mask,
  ],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, mask],
  [/(https:\/\/hooks\.slack\.com\/)[^\s"']+/g, `$1${mask}`],
  [
    /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,20}PRIVATE KEY-----|$)/g,
    mask,
  ],
];

/** Without any of these there is no secret; asked first, because most texts hold none. */
const suspicious = /[@:=_-]|bearer|A[KS]IA/i;

/** The text with every secret that can be recognised as `***`. */
export function redact(text: string): string {
  if (!suspicious.test(text)) return text;
  return rules.reduce((rest, [pattern, by]) => rest.replace(pattern, by), text);
}
