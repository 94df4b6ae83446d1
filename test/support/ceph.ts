/**
 * A Ceph of one node with its S3 gateway, in memory, on free ports of this machine: the counterpart
 * that keeps its promises. From Debian's packages radosgw, ceph-mon, ceph-osd and ceph-common.
 *
 * Without `tcp_nodelay` the gateway holds back the second part of an answer until the client has
 * acknowledged the first: 40 ms for each request.
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { arePrograms } from "./debian.ts";
import { freePorts } from "./free-ports.ts";

const run = promisify(execFile);

export const hasCeph: boolean = arePrograms(
  "radosgw",
  "radosgw-admin",
  "ceph-mon",
  "ceph-osd",
  "ceph",
  "monmaptool",
);

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Ceph {
  readonly port: number;
  readonly endpoint: string;
  /** Owns what it makes. */
  readonly owner: Keys;
  /** Another user, without any right but what a bucket's policy gives. */
  user(name: string): Promise<Keys>;
  stop(): Promise<void>;
}

/** Up in a few seconds; each has its own folder and ports. */
export async function startCeph(): Promise<Ceph> {
  const folder = mkdtempSync(join(tmpdir(), "optout-ceph-"));
  for (const name of ["mon", "osd", "run", "log", "rgw"]) mkdirSync(join(folder, name));
  const [port = 0, monitor = 0, first = 0] = await freePorts(3);
  const config = join(folder, "ceph.conf");
  const fsid = randomUUID();
  writeFileSync(config, configText(folder, { fsid, port, monitor, first }));
  writeFileSync(join(folder, "keyring"), "");
  const children: ChildProcess[] = [];
  const start = (program: string, ...args: readonly string[]): void => {
    const output = openSync(join(folder, "log", `${program}.out`), "a");
    const child = spawn(program, ["-c", config, ...args, "-f"], {
      stdio: ["ignore", output, output],
    });
    children.push(child);
  };
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  const rados = (...args: readonly string[]): Promise<{ stdout: string }> =>
    run("radosgw-admin", ["-c", config, "-n", "client.rgw", ...args]);
  const user = async (name: string): Promise<Keys> => {
    const keys = { accessKeyId: `${name}key`, secretAccessKey: `${name}secret` };
    const given = [`--access-key=${keys.accessKeyId}`, `--secret-key=${keys.secretAccessKey}`];
    await rados("user", "create", `--uid=${name}`, `--display-name=${name}`, ...given);
    return keys;
  };
  try {
    const map = join(folder, "monmap");
    const address = `[v2:127.0.0.1:${monitor}]`;
    await run("monmaptool", ["--create", "--fsid", fsid, "--addv", "a", address, map]);
    await run("ceph-mon", ["-c", config, "-i", "a", "--mkfs", "--monmap", map]);
    start("ceph-mon", "-i", "a");
    const uuid = randomUUID();
    const made = await run("ceph", ["-c", config, "osd", "new", uuid]);
    const osd = made.stdout.trim();
    await run("ceph-osd", ["-c", config, "-i", osd, "--mkfs", "--osd-uuid", uuid]);
    start("ceph-osd", "-i", osd);
    start("radosgw", "-n", "client.rgw");
    await answering(`http://127.0.0.1:${port}/`);
    const owner = await user("owner");
    return { port, endpoint: `http://127.0.0.1:${port}`, owner, user, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Ports {
  readonly fsid: string;
  readonly port: number;
  readonly monitor: number;
  /** Where the other daemons look for theirs. */
  readonly first: number;
}

function configText(folder: string, { fsid, port, monitor, first }: Ports): string {
  return `[global]
fsid = ${fsid}
mon_host = [v2:127.0.0.1:${monitor}]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_port_min = ${first}
ms_bind_port_max = ${first + 40}
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
ms_mon_cluster_mode = crc
ms_mon_service_mode = crc
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
run_dir = ${folder}/run
admin_socket = ${folder}/run/$name.asok
log_file = ${folder}/log/$name.log
keyring = ${folder}/keyring
crash_dir = ${folder}/run
[mon]
mon_data = ${folder}/mon
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
mon_data_avail_crit = 1
mon_data_avail_warn = 1
[osd]
osd_data = ${folder}/osd
osd_objectstore = memstore
memstore_device_bytes = 1073741824
osd_op_num_threads_per_shard = 1
osd_op_num_shards = 1
[client]
rgw_frontends = beast endpoint=127.0.0.1:${port} tcp_nodelay=1
rgw_data = ${folder}/rgw
rgw_dns_name = localhost
rgw_thread_pool_size = 32
rgw_crypt_require_ssl = false
rgw_enable_usage_log = false
`;
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await fetch(url).catch(() => null);
    if (answer !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("Ceph's gateway did not start");
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  child.kill("SIGKILL");
  await end;
}
