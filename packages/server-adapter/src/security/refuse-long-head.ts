import { Refusal } from '../errors.js'

/** Refuses a request whose address and headers are longer than any of ours: Node has such a limit, not everything that speaks the Fetch API. */
export function refuseLongHead({ url, headers }: Request, most: number): void {
  if (url.length > most) throw new Refusal(414, 'address_too_long', `An address may have ${most} characters.`)
  let length = url.length
  for (const [name, value] of headers) length += name.length + value.length
  if (length > most) throw new Refusal(431, 'headers_too_long', `Address and headers may have ${most} characters together.`)
}
