/**
 * The shape of the policy's `notify`, checked in full. A job reads no more of a channel than its
 * kind and name, so a channel written wrongly, or of a newer kind, stops no check: `optout policy
 * check` tells it, editors underline it, and nothing is sent there. Off the check path.
 */
import { noticeEvents, type Channel, type ChannelKind, type SecretSource } from "./channel.ts";
import { OptoutError } from "./errors.ts";
import type { PolicyProblem } from "./policy-parse.ts";
import type { Policy } from "./policy.ts";
import { duration, match, names, nameShape } from "./policy-words.ts";
import { choice, map, placed, text, type Placed, type Shape } from "./shape.ts";
import {
  list,
  mapping,
  optional,
  required,
  variant,
  withDefault,
  type Members,
} from "./shape-collections.ts";
import { readYaml, type YamlNode } from "./yaml-tree.ts";

const variable = text({ what: "the name of a variable", pattern: "[A-Za-z_][A-Za-z0-9_]*" });
const secretFile = text({
  what: "the path of a file, absolute or from ~/",
  pattern: "(?:/|~/).+",
  maxLength: 1024,
});
const url = text({
  what: "an https URL without user, query and fragment",
  pattern: "https?://[A-Za-z0-9.\\[\\]:-]+(?:/[A-Za-z0-9._~%/-]*)?",
  maxLength: 1024,
  problem: (given) => (URL.canParse(given) ? null : "is not a URL"),
});
const host = text({
  what: "a host like hooks.example.com, example.com:8443 or *.example.com",
  pattern: "(?:\\*\\.)?(?:[a-z0-9.-]+|\\[[0-9a-f:]+\\])(?::[0-9]{1,5})?",
});
const server = text({
  what: "a host and a port like smtp.example.com:587",
  pattern: "(?:[a-z0-9.-]+|\\[[0-9a-f:]+\\]):[0-9]{1,5}",
});
const address = text({
  what: "an e-mail address",
  pattern: "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+",
});
const word = text({ what: "an argument", maxLength: 4096 });

const common = <K extends ChannelKind>(
  to: K,
): Members<{
  to: K;
  name: string | null;
  match: Channel["match"];
  rules: Channel["rules"];
  events: Channel["events"];
}> => ({
  to: required(choice([to])),
  name: optional(nameShape),
  match: optional(match),
  rules: optional(names),
  events: optional(list(choice(noticeEvents), { least: 1, distinct: true })),
});

const hostList = list(host, { least: 1, most: 32, distinct: true });

/** Where the secret addresses of these services lead to. */
const usualHosts: Readonly<Record<"slack" | "teams", readonly string[]>> = {
  slack: ["hooks.slack.com", "hooks.slack-gov.com"],
  teams: ["*.logic.azure.com", "*.environment.api.powerplatform.com", "*.webhook.office.com"],
};

/** As the file says it; the name may be left out. */
type ReadOf<C> = C extends Channel
  ? Omit<C, "line" | "name"> & { readonly name: string | null }
  : never;
type Read = ReadOf<Channel>;

/** A service whose whole address is a secret. */
const chat = (to: "slack" | "teams"): Shape<Read> =>
  map(
    mapping(
      {
        ...common(to),
        url_env: optional(variable),
        url_file: optional(secretFile),
        hosts: withDefault(hostList, usualHosts[to]),
      },
      (found, problem) => {
        if (sourcesIn(found.url_env, found.url_file) !== 1) {
          problem("to", "needs url_env or url_file: the address is a secret");
        }
      },
    ),
    ({ url_env: env, url_file: file, ...rest }) => ({
      ...rest,
      url: sourceOf(env, file) ?? "",
      secret: null,
    }),
  );

const webhook: Shape<Read> = map(
  mapping(
    {
      ...common("webhook"),
      url: optional(url),
      url_env: optional(variable),
      url_file: optional(secretFile),
      hosts: optional(hostList),
      secret_env: optional(variable),
      secret_file: optional(secretFile),
    },
    (found, problem) => {
      if (sourcesIn(found.url, found.url_env, found.url_file) !== 1) {
        problem("to", "needs one of url, url_env and url_file");
      } else if (found.url === null && found.hosts === null) {
        problem("to", "needs hosts: those that the address may lead to");
      }
      if (sourcesIn(found.secret_env, found.secret_file) > 1) {
        problem("secret_file", "excludes secret_env");
      }
    },
  ),
  ({ url: given, url_env: env, url_file: file, hosts, secret_env, secret_file, ...rest }) => ({
    ...rest,
    url: given ?? sourceOf(env, file) ?? "",
    hosts: hosts ?? (given === null ? [] : [hostIn(given)]),
    secret: sourceOf(secret_env, secret_file),
  }),
);

const email: Shape<Read> = map(
  mapping(
    {
      ...common("email"),
      server: required(server),
      tls: withDefault(choice(["starttls", "implicit", "none"]), "starttls"),
      sender: required(address),
      recipients: required(list(address, { least: 1, most: 32, distinct: true })),
      user_env: optional(variable),
      user_file: optional(secretFile),
      password_env: optional(variable),
      password_file: optional(secretFile),
    },
    (found, problem) => {
      const users = sourcesIn(found.user_env, found.user_file);
      const passwords = sourcesIn(found.password_env, found.password_file);
      if (users > 1 || users !== passwords) {
        problem("to", "needs both of user_env and password_env (or _file), or neither");
      }
    },
  ),
  ({ server: place, user_env, user_file, password_env, password_file, ...rest }) => ({
    ...rest,
    server: serverOf(place),
    user: sourceOf(user_env, user_file),
    password: sourceOf(password_env, password_file),
  }),
);

const exec: Shape<Read> = map(
  mapping(
    {
      ...common("exec"),
      command: required(list(word, { least: 1, most: 64 })),
      env: withDefault(list(variable, { most: 32, distinct: true }), Object.freeze([])),
      timeout: withDefault(duration(60), 10),
    },
    ({ command: [first = ""] }, problem) => {
      // a path in the clone would be a program of the branch under test
      if (!programForm.test(first)) problem("command", `must begin with ${programWhat}`);
    },
  ),
  ({ timeout: timeoutSeconds, ...rest }) => ({ ...rest, timeoutSeconds }),
);

const programForm = /^(?:\/.+|[A-Za-z0-9][A-Za-z0-9._+-]*)$/s;
const programWhat = "a program's absolute path or its name on PATH";

const forge: Shape<Read> = map(
  mapping({
    ...common("forge"),
    status: withDefault(
      map(choice(["set"]), () => true),
      false,
    ),
  }),
  (found) => found,
);

/** Every kind of channel; a new one is its form here, its sink, and its line in `open-sinks.ts`. */
const forms: Readonly<Record<ChannelKind, Shape<Read>>> = {
  slack: chat("slack"),
  teams: chat("teams"),
  webhook,
  email,
  exec,
  forge,
};

/** The member `notify` of a policy. */
export const notifyShape: Shape<readonly Placed<Read>[]> = list(placed(variant("to", forms)), {
  most: 32,
});

/** What is wrong with the channels of a policy, in file order. */
export function channelProblems(policy: Policy): readonly PolicyProblem[] {
  return read(policy).problems;
}

/**
 * The channels of a policy, in file order.
 * @throws `policy-invalid` when one is not written rightly
 */
export function channelsOf(policy: Policy): readonly Channel[] {
  const { channels, problems } = read(policy);
  const [first] = problems;
  if (first === undefined) return channels;
  const where = `the policy's line ${first.line}`;
  throw new OptoutError("policy-invalid", `${where}: ${first.message}`, {
    hint: "optout policy check",
  });
}

interface ReadChannels {
  readonly channels: readonly Channel[];
  readonly problems: readonly PolicyProblem[];
}

function read(policy: Policy): ReadChannels {
  const problems: PolicyProblem[] = [];
  const report = (place: Placed<unknown>["place"], message: string): void => {
    problems.push({ ...place, message });
  };
  const node = notifyIn(policy);
  const found = node === null ? [] : (notifyShape.read(node, "notify", report) ?? []);
  const lines = new Map<string, number>();
  const ids = new Set(policy.rules.map(({ id }) => id));
  const channels = found.map(({ value, place }, i) => {
    const name = value.name ?? value.to;
    const other = lines.get(name);
    if (other !== undefined) {
      report(place, `notify[${i}] needs a name of its own: line ${other} is ${name} too`);
    }
    lines.set(name, place.line);
    for (const id of (value.rules ?? []).filter((one) => !ids.has(one))) {
      report(place, `notify[${i}].rules: there is no rule ${id}`);
    }
    return Object.freeze({ ...value, name, line: place.line });
  });
  return { channels, problems: problems.toSorted((a, b) => a.line - b.line) };
}

/** The policy was read before, so nothing in its text is reported a second time. */
function notifyIn({ text: written }: Policy): YamlNode | null {
  const root = readYaml(Buffer.from(written), () => undefined);
  return root?.kind === "mapping" ? (root.members.get("notify")?.node ?? null) : null;
}

const sourcesIn = (...given: readonly (string | null)[]): number =>
  given.filter((one) => one !== null).length;

function sourceOf(env: string | null, file: string | null): SecretSource | null {
  if (env !== null) return { env };
  return file === null ? null : { file };
}

const hostIn = (given: string): string => new URL(given).host;

function serverOf(place: string): { readonly host: string; readonly port: number } {
  const colon = place.lastIndexOf(":");
  const name = place.slice(0, colon).replace(/^\[|\]$/g, "");
  return { host: name, port: Number(place.slice(colon + 1)) };
}
