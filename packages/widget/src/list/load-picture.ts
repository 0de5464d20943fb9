/** More points than any camera takes: such a picture is made to harm. */
const MAX_POINTS = 150_000_000

/** Set once the page's policy has refused one: each further try would be one more violation in its reports. */
let isForbidden = false
let isWatching = false

/**
 * A picture as an element that can be shown.
 *
 * It is decoded by the browser when it is painted, off the main thread and, for large photographs, at a fraction of their size. That is so in all three
 * engines for `<img>` alone: `createImageBitmap` decodes on the main thread in WebKit, and `decode()` at full size in Chromium.
 */
export async function loadPicture(file: Blob): Promise<HTMLImageElement> {
  watchPolicy()
  if (isForbidden) throw new Error('The policy of the page allows no pictures of files.')
  const url = URL.createObjectURL(file)
  const image = new Image()
  image.decoding = 'async'
  image.alt = ''
  image.draggable = false
  try {
    await new Promise((resolve, reject) => {
      image.onload = resolve
      image.onerror = reject
      image.src = url
    })
  } finally {
    // What is loaded stays in the element.
    URL.revokeObjectURL(url)
  }
  if (image.naturalWidth === 0 || image.naturalWidth * image.naturalHeight > MAX_POINTS) throw new Error('No picture to show.')
  return image
}

function watchPolicy(): void {
  if (isWatching) return
  isWatching = true
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
    isForbidden ||= effectiveDirective === 'img-src' && blockedURI.startsWith('blob')
  })
}
