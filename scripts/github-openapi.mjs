/*
 * Cuts GitHub's own description of its REST API to the calls that optout makes, for the tests:
 *
 *   npm pack @octokit/openapi@23.0.2 && tar xf octokit-openapi-23.0.2.tgz
 *   node scripts/github-openapi.mjs package/generated/api.github.com.json
 *
 * The whole file weighs 13 MB; its package, MIT-licensed, 385 MB, so it is no dependency.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const operations = {
  "/user": ["get"],
  "/users/{username}/ssh_signing_keys": ["get"],
  "/repos/{owner}/{repo}/pulls": ["get"],
  "/repos/{owner}/{repo}/branches/{branch}": ["get"],
  "/repos/{owner}/{repo}/commits/{ref}": ["get"],
  "/repos/{owner}/{repo}/commits/{ref}/status": ["get"],
  "/repos/{owner}/{repo}/rules/branches/{branch}": ["get"],
  "/repos/{owner}/{repo}/rulesets": ["post"],
  "/repos/{owner}/{repo}/actions/runs": ["get"],
  "/repos/{owner}/{repo}/actions/runs/{run_id}": ["get"],
  "/repos/{owner}/{repo}/actions/runs/{run_id}/jobs": ["get"],
  "/repos/{owner}/{repo}/actions/runs/{run_id}/cancel": ["post"],
  "/repos/{owner}/{repo}/actions/runs/{run_id}/force-cancel": ["post"],
  "/repos/{owner}/{repo}/actions/runs/{run_id}/rerun": ["post"],
  "/repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments": ["get", "post"],
  "/repos/{owner}/{repo}/actions/jobs/{job_id}/rerun": ["post"],
  "/repos/{owner}/{repo}/statuses/{sha}": ["post"],
  "/repos/{owner}/{repo}/issues/{issue_number}/comments": ["get", "post"],
  "/repos/{owner}/{repo}/issues/comments/{comment_id}": ["patch"],
};
const words = new Set([
  "description",
  "summary",
  "example",
  "examples",
  "externalDocs",
  "x-github",
]);

const [, , source] = process.argv;
const whole = JSON.parse(readFileSync(source, "utf8"));
const components = {};

/** A value without prose; what it refers to is taken along. */
function cut(value, isNames = false) {
  if (Array.isArray(value)) return value.map((item) => cut(item));
  if (typeof value !== "object" || value === null) return value;
  // ajv takes `nullable` beside a type only
  const isLoose = !isNames && value.nullable === true && value.type === undefined;
  const members = Object.entries(value).filter(
    ([name]) => isNames || !(words.has(name) || (isLoose && name === "nullable")),
  );
  return Object.fromEntries(
    members.map(([name, inner]) => {
      // a null is none of the words of an enum, for ajv
      if (name === "enum" && value.nullable === true) return [name, [...inner, null]];
      if (name === "$ref" && typeof inner === "string") take(inner);
      return [name, cut(inner, name === "properties")];
    }),
  );
}

function take(reference) {
  const [, , kind, name] = reference.split("/");
  components[kind] ??= {};
  if (components[kind][name] !== undefined) return;
  components[kind][name] = {};
  components[kind][name] = cut(whole.components[kind][name]);
}

const paths = Object.fromEntries(
  Object.entries(operations).map(([path, methods]) => [
    path,
    Object.fromEntries(methods.map((method) => [method, cut(whole.paths[path][method])])),
  ]),
);
const { title, version, license } = whole.info;
const result = {
  "x-source": "github.com/octokit/openapi (of github.com/github/rest-api-description), MIT, cut",
  openapi: whole.openapi,
  info: { title, version, license },
  paths,
  components,
};
const target = new URL("../test/support/forge/github-openapi.json", import.meta.url);
writeFileSync(fileURLToPath(target), `${JSON.stringify(result)}\n`);
