/*
 * Raw Ed25519 verification on all cores: `node raw-ed25519.mjs COUNT` prints the milliseconds that so
 * many take, 512 at a time in libuv's pool.
 */
import { generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";

const count = Number(process.argv[2]);
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const input = randomBytes(900);
const signature = sign(null, input, privateKey);
const one = () =>
  new Promise((resolve, reject) =>
    verify(null, input, publicKey, signature, (error, valid) =>
      valid ? resolve() : reject(error ?? new Error("not genuine")),
    ),
  );

const start = process.hrtime.bigint();
for (let left = count; left > 0; left -= 512) {
  await Promise.all(Array.from({ length: Math.min(left, 512) }, one));
}
console.log(Number(process.hrtime.bigint() - start) / 1e6);
