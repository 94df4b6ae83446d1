/**
 * A forge's API on this machine that knows only what the forge's own description knows: every request
 * and every answer is held against it, and what does not fit is noted and fails the test.
 *
 * The description says what is well-formed; what the calls do is written in the fakes beside this file.
 */
import { createServer, type IncomingMessage } from "node:http";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { buildSchema, graphqlSync } from "graphql";
import { OpenAPIBackend, type Document, type Operation } from "openapi-backend";

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the calls do, by the description's names of operations. */
export type Operations = Readonly<Record<string, (call: Call) => Answer>>;

/** What goes wrong with a request before it reaches anything. */
export type Fault = "cut" | "silent" | Answer;

export interface FakeApi {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `METHOD /path` of each request, without its query. */
  readonly requests: string[];
  /** The same of those that change something, in full. */
  readonly changes: { readonly call: string; readonly body: unknown }[];
  /** What was not as the description says. A test ends with none. */
  readonly violations: string[];
  /** What is answered to a change, by `METHOD /path`, instead of carrying it out. */
  readonly refusals: Map<string, Answer>;
  /** Called with each change before it is carried out. */
  readonly watchers: ((call: string) => void)[];
  /** The next requests go wrong so, one after the other. */
  readonly faults: Fault[];
  readonly tokens: Map<string, string>;
  close(): Promise<void>;
}

export interface FakeOptions {
  /** A file of this directory. */
  readonly description: string;
  /** What stands before the paths: `/api/v3`. */
  readonly prefix: string;
  readonly operations: Operations;
  /** Pages that are no API: a device flow. */
  readonly graphql?: Graphql;
  readonly more?: (method: string, path: string, form: URLSearchParams) => Answer | null;
}

/** What stands beside REST. */
export interface Graphql {
  readonly path: string;
  /** A file of this directory. */
  readonly schema: string;
  /** What the mutations do, by name; what they throw is an error of the answer. */
  readonly mutations: Readonly<
    Record<string, (given: { readonly input: Readonly<Record<string, string>> }) => unknown>
  >;
}

export async function serveApi(options: FakeOptions): Promise<FakeApi> {
  const api = await describedBy(options.description);
  const fake = {
    requests: [] as string[],
    changes: [] as { call: string; body: unknown }[],
    violations: [] as string[],
    faults: [] as Fault[],
    refusals: new Map<string, Answer>(),
    watchers: [] as ((call: string) => void)[],
    tokens: new Map([["token-of-alice", "alice"]]),
  };
  const server = createServer((request, response) => {
    void readText(request).then((text) => {
      const fault = fake.faults.shift();
      if (fault === "silent") return;
      if (fault === "cut") {
        response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
        response.write('{"login":');
        response.destroy();
        return;
      }
      const answer = fault ?? answerTo({ request, text, api, fake, options });
      const body = answer.body === undefined ? "" : JSON.stringify(answer.body);
      response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    ...fake,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Made once for all tests of a file: compiling what it describes takes long. */
const described = new Map<string, Promise<OpenAPIBackend>>();

function describedBy(name: string): Promise<OpenAPIBackend> {
  const known = described.get(name) ?? describe(name);
  described.set(name, known);
  return known;
}

async function describe(name: string): Promise<OpenAPIBackend> {
  const file = new URL(name, import.meta.url);
  const definition = JSON.parse(readFileSync(file, "utf8")) as Document;
  const ajvOpts = { strict: false, validateFormats: false, logger: false } as const;
  const api = new OpenAPIBackend({ definition, quick: true, ajvOpts });
  await api.init();
  return api;
}

interface Asked {
  readonly request: IncomingMessage;
  readonly text: string;
  readonly api: OpenAPIBackend;
  readonly fake: Pick<
    FakeApi,
    "requests" | "changes" | "violations" | "tokens" | "refusals" | "watchers"
  >;
  readonly options: FakeOptions;
}

function answerTo(asked: Asked): Answer {
  const { request, text, fake, options } = asked;
  const method = String(request.method);
  const { pathname: path, search } = new URL(String(request.url), "http://host");
  const query = search.slice(1);
  fake.requests.push(`${method} ${path}`);
  const page = options.more?.(method, path, new URLSearchParams(text)) ?? null;
  if (page !== null) return page;
  if (!fake.tokens.has(tokenOf(request))) return unknownToken;
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  if (path === options.graphql?.path) return mutated(asked, options.graphql, body);
  const call = { method, path: path.slice(options.prefix.length), query, headers: {}, body };
  return held(call, asked, path);
}

/** Held against the description, then carried out. */
function held(call: Request, asked: Asked, path: string): Answer {
  const { fake, options } = asked;
  const { method } = call;
  const operation = path.startsWith(options.prefix) ? operationFor(asked.api, call) : null;
  if (operation === null) {
    fake.violations.push(`the description knows no ${method} ${path}`);
    return { status: 404, body: { message: "Not Found" } };
  }
  if (!isDescribed(asked, call, operation)) {
    return { status: 422, body: { message: "Validation Failed" } };
  }
  if (method === "GET") return carriedOut(call, operation, asked);
  const change = `${method} ${call.path}`;
  fake.changes.push({ call: change, body: call.body as unknown });
  for (const watch of fake.watchers) watch(change);
  return fake.refusals.get(change) ?? carriedOut(call, operation, asked);
}

/** A mutation that the schema does not know is a violation; what it refuses is told beside 200. */
function mutated({ fake }: Asked, { schema, mutations }: Graphql, body: unknown): Answer {
  const { query, variables } = membersOf(body);
  const change = "POST /graphql";
  fake.changes.push({ call: change, body });
  for (const watch of fake.watchers) watch(change);
  const refusal = fake.refusals.get(change);
  if (refusal !== undefined) return refusal;
  const { data, errors = [] } = graphqlSync({
    schema: buildSchema(readFileSync(new URL(schema, import.meta.url), "utf8")),
    source: String(query),
    variableValues: membersOf(variables),
    rootValue: mutations,
  });
  const own = errors.filter(({ originalError }) => originalError instanceof Error);
  if (own.length < errors.length) fake.violations.push(...errors.map(({ message }) => message));
  return { status: 200, body: errors.length === 0 ? { data } : { data, errors } };
}

const unknownToken: Answer = { status: 401, body: { message: "Bad credentials" } };

function tokenOf({ headers }: IncomingMessage): string {
  return /^(?:token|bearer) (.+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
}

function isDescribed({ api, fake }: Asked, call: Request, operation: Operation): boolean {
  const { requestBody } = operation;
  const mayLack = requestBody !== undefined && "required" in requestBody && !requestBody.required;
  // openapi-backend demands a body wherever one is described, optional ones too
  const told = call.body === undefined && mayLack ? { ...call, body: {} } : call;
  const { valid, errors } = api.validateRequest(told, operation);
  for (const { instancePath, message } of errors ?? []) {
    fake.violations.push(`${call.method} ${call.path}: ${instancePath} ${message}`);
  }
  return valid !== false;
}

type Request = Parameters<OpenAPIBackend["router"]["parseRequest"]>[0];

function operationFor(api: OpenAPIBackend, asked: Request): Operation | null {
  try {
    return api.router.matchOperation(asked, true) ?? null;
  } catch {
    return null;
  }
}

function carriedOut(
  asked: Request,
  operation: Operation,
  { api, fake, options }: Pick<Asked, "api" | "fake" | "options">,
): Answer {
  const parsed: Readonly<Record<"params" | "query" | "requestBody", unknown>> =
    api.router.parseRequest(asked, operation);
  const name = operation.operationId ?? "";
  const act = options.operations[name];
  if (act === undefined) throw new Error(`the fake does not know ${name}`);
  const texts = (all: unknown): Record<string, string> =>
    Object.fromEntries(Object.entries(membersOf(all)).map(([key, value]) => [key, String(value)]));
  const answer = act({
    params: texts(parsed.params),
    query: texts(parsed.query),
    body: membersOf(parsed.requestBody),
  });
  const wrong =
    answer.body === undefined ? null : api.validateResponse(answer.body, operation, answer.status);
  for (const error of wrong?.errors ?? []) {
    fake.violations.push(`answer of ${name}: ${error.instancePath} ${error.message}`);
  }
  return answer;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** An object such as the description demands, with these members; the others are made up. */
export async function sampler(
  description: string,
): Promise<(operation: string, pick: (mock: unknown) => unknown, own: object) => object> {
  const api = await describedBy(description);
  const mocks = new Map<string, unknown>();
  return (operation, pick, own) => {
    const mock: unknown = mocks.get(operation) ?? api.mockResponseForOperation(operation).mock;
    mocks.set(operation, mock);
    const sample = pick(mock);
    return { ...(sample as object), ...own };
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
