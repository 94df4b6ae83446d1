/*
 * A rolldown plugin that writes what is not ASCII as escapes. One such character makes Node decode
 * the whole file as UTF-8 and keep it with two bytes a character, which every job would pay for.
 * Right in strings, templates and regular expressions; `String.raw` would show it, so such a chunk is left
 * as it is.
 */
export function asciiOnly() {
  return {
    name: "ascii-only",
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk" || !/[\u0080-\uFFFF]/.test(chunk.code)) continue;
        if (/String\.raw|\\[\u0080-\uFFFF]/.test(chunk.code)) continue;
        chunk.code = chunk.code.replaceAll(/[\u0080-\uFFFF]/g, escape);
      }
    },
  };
}

const escape = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
