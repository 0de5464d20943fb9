import { type PanelHarness, panelHarness } from '../testing/panel-harness.js'
import type { ScriptedUploader } from '../testing/scripted-uploader.js'
import '../upload-panel.js'
import { type StoryFile, uploaderWith } from './files.js'
import { type Attributes, elementIn, renderElement } from './render.js'

export interface PanelStory {
  readonly files: readonly StoryFile[]
  readonly attributes?: Attributes
  readonly around?: Attributes
  /** What else happens to the uploader before it is shown. */
  readonly prepare?: (uploader: ScriptedUploader) => void
}

/** A panel over an uploader that stands still. */
export function renderPanel({ files, attributes, around = {}, prepare }: PanelStory): () => HTMLElement {
  return () => {
    const uploader = uploaderWith(files)
    prepare?.(uploader)
    return renderElement('upload-panel', {
      // What a person did to it in one story is none of the next one's business.
      attributes: { placement: 'inline', remember: 'off', ...attributes },
      around,
      give: (panel) => (panel.uploader = uploader),
    })
  }
}

/** The panel of a story that is played, over the uploader that `renderPanel` gave it. */
export async function panelIn(canvas: HTMLElement): Promise<PanelHarness<ScriptedUploader>> {
  const panel = elementIn(canvas, 'upload-panel')
  const harness = panelHarness(panel, scripted(panel.uploader))
  await harness.settle()
  return harness
}

export function scripted(uploader: object | undefined): ScriptedUploader {
  if (!isScripted(uploader)) throw new Error('The story has no scripted uploader.')
  return uploader
}

function isScripted(uploader: object | undefined): uploader is ScriptedUploader {
  return uploader !== undefined && 'calls' in uploader
}
