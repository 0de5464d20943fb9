import type { Messages } from '../messages/messages.js'

export interface Limits {
  /** As the `accept` attribute of a file input. */
  readonly accept: string
  /** Bytes. */
  readonly maxSize: number | undefined
  readonly maxFiles: number | undefined
}

/** What is taken, for people; empty where everything is. */
export function describeLimits({ accept, maxSize, maxFiles }: Limits, messages: Messages): string {
  const types = messages.formats.list(typesOf(accept).map(messages.fileType))
  return messages.restrictions({
    ...(types !== '' && { types }),
    ...(maxSize !== undefined && { maxBytes: messages.formats.bytes(maxSize) }),
    ...(maxFiles !== undefined && { maxFiles }),
  })
}

/** What the camera of a phone can take here: nothing where only documents are accepted. */
export function cameraTakes(accept: string): 'image/*' | 'video/*' | undefined {
  const types = typesOf(accept)
  const takes = (group: string) => types.some((type) => type.startsWith(group))
  if (types.length === 0 || takes('image/') || takes('*')) return 'image/*'
  return takes('video/') ? 'video/*' : undefined
}

function typesOf(accept: string): readonly string[] {
  return accept
    .split(',')
    .map((type) => type.trim())
    .filter(Boolean)
}
