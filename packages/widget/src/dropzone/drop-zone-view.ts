import { html, nothing, type TemplateResult } from 'lit'
import { icons } from '../shared/icons.js'
import type { Messages } from '../messages/messages.js'

export interface DropZoneOptions {
  readonly messages: Messages
  /** As the `accept` attribute of a file input. */
  readonly accept: string
  /** Bytes. */
  readonly maxSize: number | undefined
  readonly maxFiles: number | undefined
  /** Whether dropped files are taken; if not, the buttons are all there is. */
  readonly canDrop: boolean
  readonly isOver: boolean
  readonly readingCount: number | undefined
  readonly onFiles: (files: FileList) => void
}

/** Where files are dropped, and the two buttons that do the same with a keyboard. */
export function renderDropZone(options: DropZoneOptions): TemplateResult {
  const { messages, accept, maxFiles, canDrop, onFiles } = options
  const takesMany = maxFiles !== 1
  const limits = describeLimits(options)
  const onChange = (event: Event) => {
    const input = event.target as HTMLInputElement
    if (input.files && input.files.length > 0) onFiles(input.files)
    // So that the same files can be chosen a second time.
    input.value = ''
  }
  // The whole zone is one big target; its buttons answer for themselves.
  const onZoneClick = (event: Event) => {
    const zone = event.currentTarget as HTMLElement
    if (canDrop && !(event.target as Element).closest('button, input')) zone.querySelector('input')?.click()
  }
  return html`<div class="dropzone ${canDrop ? '' : 'plain'}" part="dropzone" @click=${onZoneClick}>
    ${canDrop ? html`<span class="prompt">${icons.upload}<bdi>${prompt(options)}</bdi></span>` : nothing}
    <span class="buttons">
      <button type="button" class="text-button primary" part="button button-choose-files" @click=${openInput}>${messages.chooseFiles}</button>
      <input type="file" hidden ?multiple=${takesMany} accept=${accept || nothing} @change=${onChange} />
      ${
        takesMany
          ? html`<button type="button" class="text-button folder-button" part="button button-choose-folder" @click=${openInput}>
                ${messages.chooseFolder}</button
              ><input type="file" hidden multiple webkitdirectory @change=${onChange} />`
          : nothing
      }
    </span>
    ${limits === '' ? nothing : html`<bdi class="limits">${limits}</bdi>`}
  </div>`
}

function openInput(event: Event): void {
  const input = (event.currentTarget as HTMLElement).nextElementSibling
  if (input instanceof HTMLInputElement) input.click()
}

function prompt({ messages, isOver, readingCount }: DropZoneOptions): string {
  if (readingCount !== undefined) return messages.readingFolder(readingCount)
  return isOver ? messages.dropNow : messages.dropHere
}

function describeLimits({ messages, accept, maxSize, maxFiles }: DropZoneOptions): string {
  const types = accept
    .split(',')
    .map((type) => type.trim())
    .filter(Boolean)
    .map((type) => messages.fileType(type))
    .join(', ')
  return messages.restrictions({
    ...(types !== '' && { types }),
    ...(maxSize !== undefined && { maxBytes: messages.formats.bytes(maxSize) }),
    ...(maxFiles !== undefined && { maxFiles }),
  })
}
