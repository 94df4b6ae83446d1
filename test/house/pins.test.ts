/**
 * What is installed is what was tried: every version is exact, and the locks hold checksums but no
 * address of a registry.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

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

/** Nobody of ours holds the name on npm, and a job that runs what is there hands it its keys. */
describe("what is given to others to type or to run", () => {
  const files = ["README.md", "SECURITY.md", "docs", "templates", "src"].flatMap((name) =>
    statSync(join(ROOT, name)).isFile()
      ? [name]
      : readdirSync(join(ROOT, name), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
  );
  const fromRegistry =
    /\b(?:npx|pnpx|bunx|(?:npm|pnpm|yarn|bun) (?:exec|dlx|x|i|install|add))(?: -[-\w=]+)* optout\b/;

  it("takes no optout from a registry by its name", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => fromRegistry.test(read(file)))).toEqual([]);
    for (const line of ["npx --yes optout run", "npm install --global optout", "npm i -g optout"]) {
      expect(line).toMatch(fromRegistry);
    }
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
