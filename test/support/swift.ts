/**
 * OpenStack Swift with its S3 interface, on free ports of this machine: the counterpart that refuses
 * what a log needs. From Debian's packages swift-proxy, -account, -container and -object, memcached.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { arePrograms } from "./debian.ts";
import { freePorts } from "./free-ports.ts";
import type { BucketServer } from "./s3-world.ts";

const kinds = ["account", "container", "object"] as const;

export const hasSwift: boolean = arePrograms(
  "swift-ring-builder",
  "swift-proxy-server",
  "memcached",
  ...kinds.map((kind) => `swift-${kind}-server`),
);

export interface Swift extends BucketServer {
  stop(): Promise<void>;
}

export async function startSwift(): Promise<Swift> {
  const folder = mkdtempSync(join(tmpdir(), "optout-swift-"));
  const etc = join(folder, "etc");
  for (const name of ["etc", "srv/d1", "log"]) mkdirSync(join(folder, name), { recursive: true });
  const [port = 0, cache = 0, ...ports] = await freePorts(5);
  const children: ChildProcess[] = [];
  const env = { ...process.env, SWIFT_DIR: etc };
  const start = (program: string, args: readonly string[]): void => {
    const output = openSync(join(folder, "log", `${program}.out`), "a");
    children.push(spawn(program, args, { stdio: ["ignore", output, output], cwd: etc, env }));
  };
  writeFileSync(
    join(etc, "swift.conf"),
    "[swift-hash]\nswift_hash_path_suffix = x\nswift_hash_path_prefix = y\n" +
      "[storage-policy:0]\nname = p0\ndefault = yes\n",
  );
  start("memcached", ["-u", "nobody", "-l", "127.0.0.1", "-p", String(cache)]);
  for (const [index, kind] of kinds.entries()) {
    const own = ports[index] ?? 0;
    ring(etc, kind, own);
    writeFileSync(join(etc, `${kind}.conf`), daemonText(folder, kind, own));
    start(`swift-${kind}-server`, [join(etc, `${kind}.conf`)]);
  }
  writeFileSync(join(etc, "proxy.conf"), proxyText(etc, port, cache));
  start("swift-proxy-server", [join(etc, "proxy.conf")]);
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  const owner = { accessKeyId: "test:tester", secretAccessKey: "testing" };
  try {
    await answering(`${endpoint}/healthcheck`);
    return { endpoint, owner, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function ring(etc: string, kind: string, port: number): void {
  const build = (...args: readonly string[]): void => {
    try {
      execFileSync("swift-ring-builder", [`${kind}.builder`, ...args], { cwd: etc, stdio: "pipe" });
    } catch (error) {
      // a ring of one device is rebalanced with a warning, which is status 1
      if (args[0] !== "rebalance") throw error;
    }
  };
  build("create", "4", "1", "0");
  const place = ["--region", "1", "--zone", "1", "--ip", "127.0.0.1", "--port", String(port)];
  build("add", ...place, "--device", "d1", "--weight", "1");
  build("rebalance");
}

function daemonText(folder: string, kind: string, port: number): string {
  return `[DEFAULT]
devices = ${folder}/srv
mount_check = false
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = root
swift_dir = ${folder}/etc
log_address = /dev/null
[pipeline:main]
pipeline = ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
`;
}

function proxyText(etc: string, port: number, cache: number): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = root
swift_dir = ${etc}
[pipeline:main]
pipeline = catch_errors healthcheck cache s3api tempauth proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
dns_compliant_bucket_names = false
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${cache}
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:healthcheck]
use = egg:swift#healthcheck
`;
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("Swift did not start");
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  child.kill("SIGTERM");
  await end;
}
