/** All that is loaded when checksums are asked for. */
export { digestOf, wholeChecksum } from './hash.js'
export { createPartChecksums } from './part-checksums.js'
