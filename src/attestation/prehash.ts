/**
 * Verifies a signature when only the digest of what was signed is known. OpenSSL through Node takes the message and nothing else, so ECDSA is
 * done here over big integers (FIPS 186-5 §6.4.2): slow (some milliseconds) and not in constant time, which matters to nobody, since all is public.
 */
import { constants, type KeyObject, publicDecrypt } from "node:crypto";
import { DerReader, INTEGER, SEQUENCE } from "./der.ts";
import { type Hash } from "./key.ts";
import { outcome } from "./reject.ts";

interface Curve {
  readonly p: bigint;
  readonly n: bigint;
  readonly x: bigint;
  readonly y: bigint;
  readonly bits: number;
}

/** FIPS 186-5 / SP 800-186 §3.2.1: the three NIST curves, all with a = -3. */
const curves: Readonly<Record<string, Curve>> = {
  "P-256": {
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
    bits: 256,
  },
  "P-384": {
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    x: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
    y: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
    bits: 384,
  },
  "P-521": {
    p: 2n ** 521n - 1n,
    n: 0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    x: 0x00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66n,
    y: 0x011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650n,
    bits: 521,
  },
};

/** "cannot" where the algorithm needs the message itself (Ed25519). */
export type PrehashVerdict = "right" | "wrong" | "cannot";

export function verifiesDigest(key: KeyObject, digest: Buffer, signature: Buffer, hash: Hash): PrehashVerdict {
  if (key.asymmetricKeyType === "rsa") return verifiesRsa(key, digest, signature, hash) ? "right" : "wrong";
  if (key.asymmetricKeyType !== "ec") return "cannot";
  const { crv = "", x = "", y = "" } = key.export({ format: "jwk" }) as { crv?: string; x?: string; y?: string };
  const curve = curves[crv];
  if (curve === undefined) return "cannot";
  const public_ = { x: fromBytes(Buffer.from(x, "base64url")), y: fromBytes(Buffer.from(y, "base64url")) };
  return verifiesEcdsa(curve, public_, digest, signature) ? "right" : "wrong";
}

/** RFC 8017 §9.2: the encoded digest, by its prefix. */
const digestInfo: Readonly<Record<Hash, string>> = {
  sha256: "3031300d060960864801650304020105000420",
  sha384: "3041300d060960864801650304020205000430",
  sha512: "3051300d060960864801650304020305000440",
};

function verifiesRsa(key: KeyObject, digest: Buffer, signature: Buffer, hash: Hash): boolean {
  try {
    const encoded = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
    return encoded.equals(Buffer.concat([Buffer.from(digestInfo[hash], "hex"), digest]));
  } catch {
    return false;
  }
}

const fromBytes = (bytes: Buffer): bigint => (bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString("hex")}`));
const der: DerReader = new DerReader("signature", "signature-invalid");

function readSignature(signature: Buffer): { r: bigint; s: bigint } | undefined {
  const read = outcome(() => {
    const [r, s, ...rest] = der.members(der.only(signature, SEQUENCE));
    if (rest.length > 0) der.bad("more than two numbers");
    const number = (bytes: Buffer): bigint => ((bytes[0] ?? 0x80) > 0x7f ? der.bad("a negative number") : fromBytes(bytes));
    return { ok: true as const, r: number(der.expect(r, INTEGER).content), s: number(der.expect(s, INTEGER).content) };
  });
  return read.ok ? read : undefined;
}

/** A point in Jacobian coordinates: (x / z², y / z³); z = 0 is the point at infinity. */
interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
}

function verifiesEcdsa(curve: Curve, key: Pick<Point, "x" | "y">, digest: Buffer, signature: Buffer): boolean {
  const { n, p } = curve;
  const read = readSignature(signature);
  if (read === undefined || read.r <= 0n || read.r >= n || read.s <= 0n || read.s >= n) return false;
  const extra = digest.length * 8 - curve.bits;
  const e = extra > 0 ? fromBytes(digest) >> BigInt(extra) : fromBytes(digest);
  const inverse = invert(read.s, n);
  const sum = twoTimes(curve, { x: curve.x, y: curve.y, z: 1n }, (e * inverse) % n, { ...key, z: 1n }, (read.r * inverse) % n);
  if (sum.z === 0n) return false;
  const shrink = invert(sum.z, p);
  return ((sum.x * shrink * shrink) % p) % n === read.r;
}

/** The extended Euclidean algorithm; `modulus` is prime and does not divide `value`. */
function invert(value: bigint, modulus: bigint): bigint {
  let [low, high] = [modulo(value, modulus), modulus];
  let [x, y] = [1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [x, y] = [y - quotient * x, x];
    [low, high] = [high - quotient * low, low];
  }
  return modulo(x, modulus);
}

const modulo = (value: bigint, modulus: bigint): bigint => ((value % modulus) + modulus) % modulus;

/** `u a + v b`, bit by bit from the top (Shamir's way). */
function twoTimes({ p, bits }: Curve, a: Point, u: bigint, b: Point, v: bigint): Point {
  const both = add(p, a, b);
  let sum: Point = { x: 1n, y: 1n, z: 0n };
  for (let i = BigInt(bits - 1); i >= 0n; i--) {
    sum = double(p, sum);
    const [withA, withB] = [((u >> i) & 1n) === 1n, ((v >> i) & 1n) === 1n];
    if (withA || withB) sum = add(p, sum, withA ? (withB ? both : a) : b);
  }
  return sum;
}

/** dbl-2001-b of the Explicit-Formulas Database, for curves with a = -3. */
function double(p: bigint, { x, y, z }: Point): Point {
  const delta = (z * z) % p;
  const gamma = (y * y) % p;
  const beta = (x * gamma) % p;
  const alpha = (3n * (x - delta) * (x + delta)) % p;
  const x3 = modulo(alpha * alpha - 8n * beta, p);
  return { x: x3, y: modulo(alpha * (4n * beta - x3) - 8n * gamma * gamma, p), z: modulo((y + z) * (y + z) - gamma - delta, p) };
}

/** add-1998-cmo-2 of the same. */
function add(p: bigint, a: Point, b: Point): Point {
  if (a.z === 0n) return b;
  if (b.z === 0n) return a;
  const [za, zb] = [(a.z * a.z) % p, (b.z * b.z) % p];
  const [ua, ub] = [(a.x * zb) % p, (b.x * za) % p];
  const [sa, sb] = [(a.y * b.z * zb) % p, (b.y * a.z * za) % p];
  const h = modulo(ub - ua, p);
  const r = modulo(sb - sa, p);
  if (h === 0n) return r === 0n ? double(p, a) : { x: 1n, y: 1n, z: 0n };
  const hh = (h * h) % p;
  const hhh = (h * hh) % p;
  const v = (ua * hh) % p;
  const x = modulo(r * r - hhh - 2n * v, p);
  return { x, y: modulo(r * (v - x) - sa * hhh, p), z: (a.z * b.z * h) % p };
}
