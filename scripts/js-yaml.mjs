/*
 * A rolldown plugin that takes of js-yaml only its reader. The package's one file for bundlers cannot
 * be shaken: it brings the writer and a second set of types, more than half of it, and every job
 * compiles what stands in its chunk. `core/yaml-tree.ts` names the schema it reads with, so the
 * default one is never used; and says where an error is by line and column, so the lines that
 * js-yaml would show are never drawn.
 *
 * Its files become ES modules, or each would stand in a function, which Node parses twice.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const LIBRARY = join(
  dirname(createRequire(import.meta.url).resolve("js-yaml/package.json")),
  "lib",
);
const READER = join(LIBRARY, "loader.js");
const FAILSAFE = join(LIBRARY, "schema", "failsafe.js");
const NAME = "\0js-yaml";
const NO_SNIPPET = "\0js-yaml-no-snippet";

const ENTRY = `
import reader from ${JSON.stringify(READER)};
export const { load } = reader;
export { default as YAMLException } from ${JSON.stringify(join(LIBRARY, "exception.js"))};
export { default as FAILSAFE_SCHEMA } from ${JSON.stringify(FAILSAFE)};
`;

const SOURCES = { [NAME]: ENTRY, [NO_SNIPPET]: "export default () => null;" };

export function jsYamlReader() {
  return {
    name: "js-yaml-reader",
    resolveId(id, importer) {
      if (id === "js-yaml") return NAME;
      if (id === "./snippet" && importer?.startsWith(LIBRARY)) return NO_SNIPPET;
      return id === "./schema/default" && importer === READER ? FAILSAFE : null;
    },
    load: (id) => SOURCES[id] ?? null,
    transform: (code, id) => (id.startsWith(LIBRARY) ? asModule(code) : null),
  };
}

/** The files of the library require by a plain path, and export by `module.exports` alone. */
function asModule(code) {
  const imports = [];
  const body = code.replaceAll(/\brequire\(('[^']+')\)/g, (_, path) => {
    const name = `required${imports.length}`;
    imports.push(`import ${name} from ${path};`);
    return name;
  });
  return `${imports.join("\n")}
const module = { exports: {} };
${body}
export default module.exports;
`;
}
