/**
 * Which points may be public keys.
 *
 * OpenSSL, and so Node, takes any 32 bytes as an Ed25519 key: under a point of small order anyone
 * can make signatures that verify. Those points are few and listed here. A point that is not on
 * the curve is no danger, because OpenSSL refuses every signature under it, so `isOnEd25519` (55 µs
 * a key in a fresh process) is for those who enrol a key and not for the check path.
 */

/** 2^255 - 19. */
const ed25519Prime = 2n ** 255n - 19n;
/** d of -x² + y² = 1 + dx²y² (RFC 8032, section 5.1). */
const ed25519D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/**
 * The y of the eight points whose order divides 8, little-endian: 1 (order 1), -1 (order 2),
 * 0 (order 4) and two of order 8. Each stands for both signs of x.
 */
const smallOrder: ReadonlySet<string> = new Set([
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

/** p of P-256 (FIPS 186-5; SEC 2, section 2.4.2): y² = x³ - 3x + b. */
const p256Prime = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const p256B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** Why 32 bytes may not be an Ed25519 key, or null. Does not ask whether the point exists. */
export function ed25519Problem(bytes: Uint8Array): string | null {
  const y = withoutSign(bytes);
  if (isAtLeastPrime(y)) return "is not in its canonical encoding";
  if (smallOrder.has(Buffer.from(y).toString("hex"))) return "is a point of small order";
  return null;
}

/** Whether a canonical Ed25519 key is a point on the curve; if not, nothing verifies under it. */
export function isOnEd25519(bytes: Uint8Array): boolean {
  const y = bigEndian(withoutSign(bytes).reverse());
  const y2 = (y * y) % ed25519Prime;
  // x² = (y² - 1) / (dy² + 1) has a root when the product of the two is a square
  const product = ((y2 - 1n + ed25519Prime) * (ed25519D * y2 + 1n)) % ed25519Prime;
  return jacobi(product, ed25519Prime) >= 0;
}

/** Why two times 32 bytes may not be a P-256 key, or null. */
export function p256Problem(xBytes: Uint8Array, yBytes: Uint8Array): string | null {
  const [x, y] = [bigEndian(xBytes), bigEndian(yBytes)];
  if (x >= p256Prime || y >= p256Prime) return "is not in its canonical encoding";
  const isOn = (y * y - (x * x * x - 3n * x + p256B)) % p256Prime === 0n;
  return isOn ? null : "is not a point on P-256";
}

function withoutSign(bytes: Uint8Array): Uint8Array {
  const y = Uint8Array.from(bytes);
  y[31] = (y[31] ?? 0) & 0x7f;
  return y;
}

/** y ≥ 2^255 - 19, that is ed ff … ff 7f or more. */
function isAtLeastPrime(y: Uint8Array): boolean {
  return y[31] === 0x7f && y.subarray(1, 31).every((byte) => byte === 0xff) && (y[0] ?? 0) >= 0xed;
}

function bigEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

/** The Jacobi symbol (a/n) for odd n: 0 or 1 for the squares of a prime n, else -1. */
function jacobi(numerator: bigint, modulus: bigint): number {
  let [a, n, sign] = [numerator, modulus, 1];
  while (a !== 0n) {
    while ((a & 1n) === 0n) {
      a >>= 1n;
      if ((n & 7n) === 3n || (n & 7n) === 5n) sign = -sign;
    }
    if ((a & 3n) === 3n && (n & 3n) === 3n) sign = -sign;
    [a, n] = [n % a, a];
  }
  return n === 1n ? sign : 0;
}
