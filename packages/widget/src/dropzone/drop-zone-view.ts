import { html, nothing, type TemplateResult } from 'lit'
import { directionOf } from '../text/direction.js'
import type { Messages } from '../messages/messages.js'
import { icons } from '../shared/icons.js'
import { cameraTakes, describeLimits, type Limits } from './limits.js'

/** Which camera of a phone; '' offers none. */
export type Capture = 'user' | 'environment' | ''

export interface DropZoneOptions extends Limits {
  readonly messages: Messages
  /** Whether dropped files are taken; if not, the buttons are all there is. */
  readonly canDrop: boolean
  /** Whether a click beside the buttons opens the file picker. */
  readonly canClick: boolean
  readonly isDisabled: boolean
  readonly isOver: boolean
  /** Large, as an invitation; or one line, where files are what matters. */
  readonly isRoomy: boolean
  readonly readingCount: number | undefined
  readonly capture: Capture
  /** Id of what else there is to say of the buttons, in the same tree. */
  readonly describedBy: string | undefined
  /** Content of the page's own, in the place of the prompt. */
  readonly content: TemplateResult | undefined
  readonly onFiles: (files: FileList) => void
}

/** Which of the zone's file inputs. */
export type PickerKind = 'files' | 'folder' | 'camera'

/** Where files are dropped, and the buttons that do the same with a keyboard. */
export function renderDropZone(options: DropZoneOptions): TemplateResult {
  const { messages, accept, maxFiles, canDrop, canClick, isDisabled, isOver, isRoomy, capture } = options
  const takesMany = maxFiles !== 1
  const limits = describeLimits(options, messages)
  const isClickable = canDrop && canClick && !isDisabled
  const camera = capture && cameraTakes(accept)
  const classes = [
    'dropzone',
    !canDrop && 'plain',
    isClickable && 'clickable',
    isOver && 'over',
    isRoomy && 'roomy',
    isDisabled && 'disabled',
  ]
  const picker = (kind: PickerKind, label: string, icon: TemplateResult | typeof nothing, input: TemplateResult) => html`<button
      type="button"
      class="text-button ${kind === 'files' ? 'primary' : ''} ${kind}-button"
      part="button button-choose-${kind}"
      title=${icon === nothing ? nothing : label}
      aria-describedby=${options.describedBy ?? nothing}
      ?disabled=${isDisabled}
      @click=${openNext}
    >${icon}<span class="label">${label}</span></button>${input}`
  const onChange = (event: Event) => {
    const input = event.target as HTMLInputElement
    if (input.files && input.files.length > 0) options.onFiles(input.files)
    // So that the same files can be chosen a second time.
    input.value = ''
  }
  const onZoneClick = (event: Event) => {
    // The whole zone is one big target; what is in it and can be clicked answers for itself.
    if (isClickable && !event.defaultPrevented && !isOnControl(event)) openPicker(event.currentTarget as HTMLElement, 'files')
  }
  return html`<div
    class=${classes.filter(Boolean).join(' ')}
    part="dropzone"
    title=${isRoomy || limits === '' ? nothing : limits}
    @click=${onZoneClick}
    @change=${onChange}
    @input=${stopHere}
  >
    ${options.content ?? (canDrop ? html`<span class="prompt">${icons.upload}<bdi>${prompt(options)}</bdi></span>` : nothing)}
    <span class="buttons">
      <slot name="buttons">
        ${picker('files', messages.chooseFiles, nothing, html`<input type="file" data-picker="files" hidden ?multiple=${takesMany} accept=${accept || nothing} />`)}
        ${takesMany ? picker('folder', messages.chooseFolder, icons.folder, html`<input type="file" data-picker="folder" hidden multiple webkitdirectory />`) : nothing}
        ${
          camera
            ? picker(
                'camera',
                camera === 'image/*' ? messages.dropzone.takePhoto : messages.dropzone.recordVideo,
                icons.camera,
                html`<input type="file" data-picker="camera" hidden accept=${camera} capture=${capture} />`,
              )
            : nothing
        }
      </slot>
    </span>
    <slot name="limits">${limits === '' ? nothing : html`<bdi class="limits" dir=${directionOf(messages.locale)}>${limits}</bdi>`}</slot>
  </div>`
}

/** Opens one of the zone's file pickers, which browsers allow while they handle a click or a key. Returns whether the zone has it. */
export function openPicker(root: ParentNode, kind: PickerKind): boolean {
  const input = root.querySelector<HTMLInputElement>(`input[data-picker=${kind}]`)
  input?.click()
  return input !== null
}

function openNext(event: Event): void {
  const input = (event.currentTarget as HTMLElement).nextElementSibling
  if (input instanceof HTMLInputElement) input.click()
}

/** A file input's own `input` event would leave the shadow tree and look like news of the whole element's value. */
function stopHere(event: Event): void {
  event.stopPropagation()
}

const CONTROLS = 'a, audio, button, input, label, option, select, summary, textarea, video, [contenteditable], [tabindex], [role=button]'

function isOnControl(event: Event): boolean {
  for (const node of event.composedPath()) {
    if (node === event.currentTarget) return false
    if (node instanceof Element && node.matches(CONTROLS)) return true
  }
  return false
}

function prompt({ messages, isOver, readingCount }: DropZoneOptions): string {
  if (readingCount !== undefined) return messages.readingFolder(readingCount)
  return isOver ? messages.dropNow : messages.dropHere
}
