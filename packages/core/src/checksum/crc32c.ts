/** Castagnoli's polynomial, bits reversed (RFC 3720 §12.1). */
const POLYNOMIAL = 0x82f63b78
/** The polynomial "1" with its bits reversed: the neutral element of {@link multiply}. */
const ONE = 0x80000000
/** The polynomial "x^8": one byte. */
const BYTE = 0x00800000

/** Sixteen tables after each other: table n is for a byte that n more bytes follow. Made when first needed. */
let tables: Int32Array | undefined

function makeTables(): Int32Array {
  const made = new Int32Array(16 * 256)
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    made[byte] = crc
  }
  for (let index = 256; index < made.length; index += 1) {
    const before = made[index - 256] as number
    made[index] = (before >>> 8) ^ (made[before & 255] as number)
  }
  return made
}

/**
 * CRC-32C of bytes, sixteen at a step. `crc` is that of the bytes before them.
 * Every platform that runs JavaScript today is little-endian, as the steps of whole words need it.
 */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  const t = (tables ??= makeTables())
  const at = (table: number, byte: number) => t[table * 256 + byte] as number
  const length = bytes.length
  let c = ~crc
  let index = 0
  // Words can be read only where they begin in the buffer.
  const aligned = Math.min(-bytes.byteOffset & 3, length)
  while (index < aligned) c = at(0, (c ^ (bytes[index++] as number)) & 255) ^ (c >>> 8)
  const words = new Int32Array(bytes.buffer, index < length ? bytes.byteOffset + index : 0, (length - index) >>> 2)
  let word = 0
  for (; word + 3 < words.length; word += 4) {
    const v = c ^ (words[word] as number)
    const x = words[word + 1] as number
    const y = words[word + 2] as number
    const z = words[word + 3] as number
    // Written out: a loop here costs three times as much.
    c =
      at(15, v & 255) ^
      at(14, (v >>> 8) & 255) ^
      at(13, (v >>> 16) & 255) ^
      at(12, v >>> 24) ^
      at(11, x & 255) ^
      at(10, (x >>> 8) & 255) ^
      at(9, (x >>> 16) & 255) ^
      at(8, x >>> 24) ^
      at(7, y & 255) ^
      at(6, (y >>> 8) & 255) ^
      at(5, (y >>> 16) & 255) ^
      at(4, y >>> 24) ^
      at(3, z & 255) ^
      at(2, (z >>> 8) & 255) ^
      at(1, (z >>> 16) & 255) ^
      at(0, z >>> 24)
  }
  index += word * 4
  while (index < length) c = at(0, (c ^ (bytes[index++] as number)) & 255) ^ (c >>> 8)
  return ~c >>> 0
}

/** CRC-32C of bytes one after another, out of what is known of each: nothing is read again. Sizes are bytes. */
export function combineCrc32c(pieces: Iterable<{ readonly crc: number; readonly size: number }>): number {
  let whole = 0
  let shift = { size: 0, factor: ONE }
  for (const { crc, size } of pieces) {
    // Parts are of one size but the last: the factor is worked out twice.
    if (shift.size !== size) shift = { size, factor: power(BYTE, size) }
    whole = multiply(shift.factor, whole) ^ crc
  }
  return whole >>> 0
}

/** `base` to the power of `exponent`, of polynomials. The exponent may have more than 32 bits. */
function power(base: number, exponent: number): number {
  let result = ONE
  for (let square = base, left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(square, result)
    square = multiply(square, square)
  }
  return result
}

/** Two polynomials multiplied, modulo Castagnoli's. */
function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = ONE, shifted = b; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= shifted
    shifted = shifted & 1 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1
  }
  return product
}

/** The four bytes of a CRC, the first one first, as S3 and Google Cloud Storage write it: base64. */
export function crc32cToBase64(crc: number): string {
  return btoa(String.fromCharCode(crc >>> 24, (crc >>> 16) & 255, (crc >>> 8) & 255, crc & 255))
}

/** What {@link crc32cToBase64} has written. */
export function crc32cFromBase64(digest: string): number {
  return Array.from(atob(digest)).reduce((crc, byte) => ((crc << 8) | byte.charCodeAt(0)) >>> 0, 0)
}
