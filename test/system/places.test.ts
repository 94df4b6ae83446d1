import { describe, expect, it } from "vitest";

import { placesOf } from "../../src/system/places.ts";

describe("the places of optout", () => {
  it("are the XDG defaults under the home directory", () => {
    const places = placesOf({ HOME: "/home/a" });

    expect(places.data()).toBe("/home/a/.local/share/optout");
    expect(places.config()).toBe("/home/a/.config/optout");
    expect(places.cache()).toBe("/home/a/.cache/optout");
  });

  it("follow the XDG variables, each for itself", () => {
    const places = placesOf({ HOME: "/home/a", XDG_DATA_HOME: "/d", XDG_CACHE_HOME: "/c/" });

    expect(places.data()).toBe("/d/optout");
    expect(places.config()).toBe("/home/a/.config/optout");
    expect(places.cache()).toBe("/c/optout");
  });

  it.each(["", "relative/path", "./here", "~/data"])(
    "ignore an XDG variable that is not an absolute path: %j",
    (value) => {
      const places = placesOf({ HOME: "/home/a", XDG_DATA_HOME: value });

      expect(places.data()).toBe("/home/a/.local/share/optout");
    },
  );

  it("need no home directory until one is asked for", () => {
    const places = placesOf({ XDG_CONFIG_HOME: "/x" });

    expect(places.config()).toBe("/x/optout");
    expect(() => places.data()).toThrowError(
      expect.objectContaining({
        code: "config-invalid",
        message: "neither XDG_DATA_HOME nor HOME names a directory",
        hint: "export XDG_DATA_HOME=/an/absolute/directory",
      }),
    );
  });

  it("do not take a relative HOME for a directory", () => {
    expect(() => placesOf({ HOME: "home" }).cache()).toThrowError(
      /neither XDG_CACHE_HOME nor HOME/,
    );
  });
});
