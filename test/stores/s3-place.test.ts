/** Where requests to a bucket go, and the names of its objects. */
import { describe, expect, it } from "vitest";

import {
  Keys,
  nameOf,
  plainRegion,
  regionOf,
  serverOf,
  type BucketPlace,
} from "../../src/stores/s3-place.ts";
import { problem } from "../support/problem.ts";

const place: BucketPlace = {
  bucket: "acme",
  prefix: "team",
  region: null,
  endpoint: null,
  addressing: null,
  sse: null,
  kmsKey: null,
};

describe("the server of a bucket", () => {
  it.each<[string, Partial<BucketPlace>, string, string]>([
    ["is AWS, by the bucket's own name", {}, "acme.s3.eu-west-1.amazonaws.com", ""],
    [
      "is AWS by path, where the name has dots",
      { bucket: "a.b" },
      "s3.eu-west-1.amazonaws.com",
      "/a.b",
    ],
    [
      "is AWS by path, where the policy says so",
      { addressing: "path" },
      "s3.eu-west-1.amazonaws.com",
      "/acme",
    ],
    [
      "is another one, by path",
      { endpoint: "https://s3.example:9000/base/" },
      "s3.example:9000",
      "/base/acme",
    ],
    [
      "is another one by name, where the policy says so",
      { endpoint: "http://s3.example", addressing: "virtual" },
      "acme.s3.example",
      "",
    ],
  ])("%s", (_what, more, host, path) => {
    expect(serverOf({ ...place, ...more }, "eu-west-1")).toMatchObject({ host, path });
  });

  it("is AWS in China for its regions", () => {
    expect(serverOf(place, "cn-north-1").host).toBe("acme.s3.cn-north-1.amazonaws.com.cn");
  });

  it("may have an address of IPv6", () => {
    const server = serverOf({ ...place, endpoint: "http://[::1]:7480" }, "x");
    expect(server).toMatchObject({
      hostname: "::1",
      host: "[::1]:7480",
      port: 7480,
      isSecure: false,
    });
  });
});

describe("the region", () => {
  it("is the policy's, else the environment's, else any for a server that is not AWS", () => {
    const env = { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-2" };
    expect(regionOf({ ...place, region: "us-east-2" }, env)).toBe("us-east-2");
    expect(regionOf(place, env)).toBe("eu-west-1");
    expect(regionOf(place, { AWS_DEFAULT_REGION: "eu-west-2" })).toBe("eu-west-2");
    expect(regionOf({ ...place, endpoint: "https://s3.example" }, {})).toBe("us-east-1");
    expect(regionOf(place, {})).toBeNull();
  });

  it("never becomes part of a host's name unless it is a plain word", () => {
    expect(problem(() => plainRegion("x.evil.example/", "AWS_REGION"))).toEqual({
      code: "config-invalid",
      message: "AWS_REGION does not name a region",
    });
  });
});

describe("the names of objects", () => {
  const keys = new Keys("team/optout");

  it("are of a position, in its group of a thousand", () => {
    expect(keys.position(412)).toBe("team/optout/entries/000000000/000000000412.json");
    expect(keys.position(1_234_567)).toBe("team/optout/entries/000001234/000001234567.json");
    expect(new Keys("").position(0)).toBe("entries/000000000/000000000000.json");
  });

  it("are read back exactly, and nothing else is one", () => {
    expect(keys.seqOf(keys.position(1_234_567))).toBe(1_234_567);
    expect(keys.groupOf(keys.group(7))).toBe(7);
    const wrong = [
      "entries/000000001/000000000412.json",
      "entries/000000000/412.json",
      "x/000000000412.json",
    ];
    expect(wrong.map((name) => keys.seqOf(`team/optout/${name}`))).toEqual([null, null, null]);
    expect(keys.groupOf("team/optout/entries/0000000001/")).toBeNull();
  });

  it("are told to people without anything else", () => {
    expect([nameOf(place), nameOf({ ...place, prefix: "" })]).toEqual(["s3:acme/team", "s3:acme"]);
  });
});
