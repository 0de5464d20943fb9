/**
 * For `scheduleUpdate` of an element: it is rendered at most once a frame, and not at all while the page is hidden, when there are no frames.
 * At first it is rendered at once.
 */
export async function onceAFrame(element: { readonly hasUpdated: boolean }): Promise<void> {
  if (element.hasUpdated) await new Promise<unknown>((resolve) => requestAnimationFrame(resolve))
}
