import { UploadError } from '../errors.js'

/** An address of the page's own, absolute. `what` names it: "The address of …". */
export function absolute(what: string, url: string, baseUrl: string | undefined): string {
  // While a page is rendered on a server its address is not known, and nothing is sent.
  if (baseUrl === undefined) return url
  if (!URL.canParse(url, baseUrl)) throw new UploadError('validation', `The address of ${what}, "${url}", is not a URL.`)
  return new URL(url, baseUrl).href
}
