/**
 * What can still be read of a file, or of a part of it: less than its size where it was cut short.
 * Not `arrayBuffer()`, whose rest WebKit then fills with zeros, and says nothing.
 */
export function readBytes(blob: Blob): Promise<ArrayBuffer> {
  return new Response(blob).arrayBuffer()
}
