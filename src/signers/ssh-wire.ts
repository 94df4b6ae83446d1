/**
 * The data types of SSH (RFC 4251, section 5), as key files and agents use them. Reading is strict:
 * what is cut, padded or spelt in another way than the shortest is damaged.
 */

export interface SshReader {
  byte(): number;
  uint32(): number;
  string(): Buffer;
  /** A string as Latin-1: names of types and curves. */
  text(): string;
  /** A positive mpint, as exactly so many bytes. */
  scalar(sizeBytes: number): Buffer;
  /** A reader of bytes that were read out of these. */
  within(part: Buffer): SshReader;
  /** Everything that is left. */
  rest(): Buffer;
  /** Nothing must be left. */
  end(): void;
}

/** @param damaged makes what is thrown for bytes that do not fit */
export function sshReader(bytes: Buffer, damaged: () => Error): SshReader {
  let at = 0;
  const take = (count: number): Buffer => {
    if (count > bytes.length - at) throw damaged();
    at += count;
    return bytes.subarray(at - count, at);
  };
  const uint32 = (): number => take(4).readUInt32BE(0);
  const string = (): Buffer => take(uint32());
  return {
    byte: () => take(1).readUInt8(0),
    uint32,
    string,
    text: () => string().toString("latin1"),
    scalar: (sizeBytes) => {
      const mpint = string();
      const [first = 0, second = 0] = mpint;
      const isPadded = first === 0 && second >= 0x80;
      const isBare = first >= 1 && first <= 0x7f;
      const digits = isPadded ? mpint.subarray(1) : mpint;
      if ((!isPadded && !isBare) || digits.length > sizeBytes) throw damaged();
      return Buffer.concat([Buffer.alloc(sizeBytes - digits.length), digits]);
    },
    within: (part) => sshReader(part, damaged),
    rest: () => take(bytes.length - at),
    end: () => {
      if (at !== bytes.length) throw damaged();
    },
  };
}

/** A string: its length, then its bytes. */
export function sshString(content: Uint8Array): Buffer {
  return Buffer.concat([sshUint32(content.length), content]);
}

export function sshUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
