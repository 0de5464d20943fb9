import '@upload-panel/widget'

/** Without a framework: elements and events are typed by the DOM's own maps. */
const panel = document.createElement('upload-panel')
panel.theme = 'light'
panel.addEventListener('upload-completed', ({ detail: { item } }) => void item.result)
document.querySelector('upload-queue')?.addEventListener('batch-completed', ({ detail: { items } }) => void items.length)
// @ts-expect-error no such theme
panel.theme = 'blue'
