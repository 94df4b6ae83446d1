/*
 * A rolldown plugin that writes the exports of a chunk as plain assignments. They stand at its end,
 * where all that it exports has its value, and nothing here is exported by `let`. Getters, one call
 * of `Object.defineProperty` each, took every job a millisecond.
 */
export function plainExports() {
  return {
    name: "plain-exports",
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === "chunk") chunk.code = chunk.code.replaceAll(getter, "exports.$2=$3");
      }
    },
  };
}

const getter =
  /Object\.defineProperty\(exports,(["'`])([\w$]+)\1,\{enumerable:!0,get:function\(\)\{return ([\w$]+)\}\}\)/g;
