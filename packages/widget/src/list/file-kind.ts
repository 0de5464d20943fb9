/** What a file is to people, for its icon. */
export type FileKind = 'image' | 'video' | 'audio' | 'document' | 'table' | 'slides' | 'archive' | 'code' | 'file'

const BY_EXTENSION: Readonly<Record<Exclude<FileKind, 'file'>, string>> = {
  image: 'jpg jpeg png gif webp avif heic heif svg bmp tif tiff ico psd raw cr2 nef dng',
  video: 'mp4 mov webm mkv avi m4v mpg mpeg wmv',
  audio: 'mp3 wav ogg oga flac m4a aac opus aiff',
  document: 'pdf doc docx odt rtf txt md pages epub',
  table: 'csv tsv xls xlsx ods numbers',
  slides: 'ppt pptx odp key',
  archive: 'zip rar 7z tar gz tgz bz2 xz zst dmg iso',
  code: 'js mjs ts jsx tsx json xml yml yaml html css py rb go rs java c h cpp cs php sh sql wasm',
}

const KINDS = new Map(
  Object.entries(BY_EXTENSION).flatMap(([kind, extensions]) => extensions.split(' ').map((extension) => [extension, kind as FileKind])),
)

/** By the type that the browser guessed, where that says something, else by the ending of the name. */
export function fileKind(type: string, name: string): FileKind {
  const [family = ''] = type.split('/')
  if (family === 'image' || family === 'video' || family === 'audio') return family
  return KINDS.get(/\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toLowerCase() ?? '') ?? 'file'
}

const PICTURES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/bmp'])

/** Largest picture that is read for a thumbnail, in bytes. */
const MAX_PICTURE_BYTES = 25_000_000

/**
 * Whether every browser shows such a file as a still picture. Drawings (SVG) are programs more than pictures, and what moves (GIF) would have to
 * be stopped.
 */
export function isPicture({ type, size }: { readonly type: string; readonly size: number }): boolean {
  return PICTURES.has(type) && size > 0 && size <= MAX_PICTURE_BYTES
}
