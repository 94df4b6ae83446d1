/**
 * The version of this program.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** From the package's manifest, which stands above the source as it does above the bundle. */
export function version(): string {
  for (const up of ["..", join("..", "..")]) {
    try {
      const text = readFileSync(join(import.meta.dirname, up, "package.json"), "utf8");
      const manifest: unknown = JSON.parse(text);
      if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
        return String(manifest.version);
      }
    } catch {
      // not there
    }
  }
  return "unknown";
}
