import { type PanelHarness, panelHarness } from '../testing/panel-harness.js'
import type { ScriptedUploader } from '../testing/scripted-uploader.js'
import '../upload-panel.js'
import { type StoryFile, uploaderWith } from './files.js'

export interface PanelStory {
  readonly files: readonly StoryFile[]
  readonly attributes?: Readonly<Record<string, string>>
  /** Of the box around the panel: direction, language, a class of preview.css. */
  readonly around?: Readonly<Record<string, string>>
  /** What else happens to the uploader before it is shown. */
  readonly prepare?: (uploader: ScriptedUploader) => void
}

/** A panel over an uploader that stands still. */
export function renderPanel({ files, attributes = {}, around = {}, prepare }: PanelStory): () => HTMLElement {
  return () => {
    const uploader = uploaderWith(files)
    prepare?.(uploader)
    const panel = document.createElement('upload-panel')
    setAttributes(panel, { placement: 'inline', remember: 'off', ...attributes })
    panel.uploader = uploader
    const box = document.createElement('div')
    setAttributes(box, around)
    box.append(panel)
    return box
  }
}

/** The panel of a story that is played, over the uploader that `renderPanel` gave it. */
export async function panelIn(canvas: HTMLElement): Promise<PanelHarness<ScriptedUploader>> {
  const panel = canvas.querySelector('upload-panel')
  const uploader = panel?.uploader
  if (!panel || !isScripted(uploader)) throw new Error('The story shows no panel over a scripted uploader.')
  await panel.updateComplete
  const harness = panelHarness(panel, uploader)
  await harness.settle()
  return harness
}

function isScripted(uploader: object | undefined): uploader is ScriptedUploader {
  return uploader !== undefined && 'calls' in uploader
}

function setAttributes(element: Element, attributes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
}
