/**
 * What is installed is what was tried: every version is exact, and the locks hold checksums but no
 * address of a registry.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

describe("package.json", () => {
  const manifest = JSON.parse(read("package.json")) as Record<string, Record<string, string>>;

  it("names every package by one exact version", () => {
    const versions = Object.entries({
      ...manifest["devDependencies"],
      ...manifest["overrides"],
    });

    expect(
      versions.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\da-z.]+)?$/.test(version)),
    ).toEqual([]);
  });

  it("has no dependency that would be installed with optout", () => {
    expect(manifest["dependencies"]).toBeUndefined();
    expect(manifest["optionalDependencies"]).toBeUndefined();
    expect(manifest["peerDependencies"]).toBeUndefined();
  });
});

describe.each(["package-lock.json", "test/nodes/package-lock.json"])("%s", (file) => {
  it("names no registry", () => {
    expect(read(file)).not.toContain('"resolved"');
  });

  it("holds a checksum for every package", () => {
    const { packages } = JSON.parse(read(file)) as {
      packages: Record<string, { integrity?: string }>;
    };
    const names = Object.keys(packages).filter((name) => name !== "");

    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => packages[name]?.integrity === undefined)).toEqual([]);
  });
});
