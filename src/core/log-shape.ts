/**
 * The shape of `log`, the place of the log, as a policy declares it and `optout init` is asked for it.
 */
import { decodeBase64url } from "./base64url.ts";
import { isBranchName } from "./ids.ts";
import type { LogPlace } from "./policy.ts";
import { choice, map, text, type Shape } from "./shape.ts";
import { list, mapping, optional, required, variant, withDefault } from "./shape-collections.ts";

const logId = text({
  what: "a log's id (43 characters of base64url)",
  pattern: "[A-Za-z0-9_-]{43}",
  problem: (id) => (decodeBase64url(id) === null ? "is not canonical base64url" : null),
});

const branch = text({
  what: "the name of a branch",
  problem: (branchName) => (isBranchName(branchName) ? null : "is not a name that git accepts"),
});

const git = map(
  mapping({
    store: required(choice(["git"])),
    branch: withDefault(branch, "optout-log"),
    id: optional(logId),
    subject_prefix: optional(
      text({
        what: "the beginning of a commit's subject, at most 60 characters of ASCII",
        pattern: '[!"$-~][ -~]{0,59}',
      }),
    ),
    push_options: optional(
      list(
        text({ what: "a push option like ci.skip", pattern: "[A-Za-z0-9][A-Za-z0-9._=:/-]{0,99}" }),
        { most: 8 },
      ),
    ),
  }),
  ({ subject_prefix: subjectPrefix, push_options: pushOptions, ...rest }) => ({
    ...rest,
    subjectPrefix,
    pushOptions,
  }),
);

const segment = "[A-Za-z0-9!_.*'()-]+";

const prefix = text({
  what: "a prefix like team/optout",
  pattern: `${segment}(?:/${segment})*`,
  problem: (value) =>
    /(?:^|\/)\.{1,2}(?:\/|$)/.test(value) ? "has a part that is only dots" : null,
});

const s3 = map(
  mapping(
    {
      store: required(choice(["s3"])),
      bucket: required(
        text({ what: "the name of a bucket", pattern: "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]" }),
      ),
      prefix: withDefault(prefix, ""),
      region: optional(text({ what: "a region", pattern: "[a-z0-9-]+", maxLength: 40 })),
      endpoint: optional(
        text({
          what: "an http or https URL",
          pattern: "https?://[A-Za-z0-9.\\[\\]:-]+(?:/[A-Za-z0-9._~/-]*)?",
          problem: (url) => (URL.canParse(url) ? null : "is not a URL"),
        }),
      ),
      addressing: optional(choice(["path", "virtual"])),
      sse: optional(choice(["AES256", "aws:kms"])),
      kms_key: optional(text({ what: "the id or ARN of a KMS key", pattern: "[A-Za-z0-9:/_-]+" })),
      id: optional(logId),
    },
    ({ sse, kms_key: kmsKey }, problem) => {
      if (kmsKey !== null && sse !== "aws:kms") problem("kms_key", "needs sse: aws:kms");
    },
  ),
  ({ kms_key: kmsKey, id, ...rest }) => ({ ...rest, kmsKey, id }),
);

export const logShape: Shape<LogPlace> = variant<LogPlace>("store", {
  git,
  dir: mapping({
    store: required(choice(["dir"])),
    path: required(text({ what: "the path of a directory", maxLength: 1024 })),
    id: optional(logId),
  }),
  s3,
});
