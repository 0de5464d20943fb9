import { randomBytes } from 'node:crypto'

/** 128 random bits as 32 hexadecimal digits. */
export function createId(): string {
  return randomBytes(16).toString('hex')
}
