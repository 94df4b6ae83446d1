/*
 * A rolldown plugin that leaves out a `require` whose result nobody takes: of the bundler's own
 * helpers, which do nothing by being loaded. A file costs every job some of its time.
 */
export function noIdleRequire() {
  return {
    name: "no-idle-require",
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === "chunk") chunk.code = chunk.code.replaceAll(idle, "$1$2");
      }
    },
  };
}

/** As the minifier writes it: a statement of its own, or the last expression of one. */
const idle =
  /(^|;)require\("\.\/rolldown-runtime\.cjs"\);|,require\("\.\/rolldown-runtime\.cjs"\)(;)/g;
