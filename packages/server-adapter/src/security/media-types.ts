/** What is unknown. */
export const BYTES = 'application/octet-stream'
export const PLAIN_TEXT = 'text/plain'

/** Other names of a type, by the one that is used here. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'application/javascript': 'text/javascript',
  'application/ecmascript': 'text/javascript',
  'application/x-javascript': 'text/javascript',
  'text/ecmascript': 'text/javascript',
  'text/json': 'application/json',
  'text/xml': 'application/xml',
  'text/rtf': 'application/rtf',
  'text/comma-separated-values': 'text/csv',
  'application/csv': 'text/csv',
  'text/x-markdown': 'text/markdown',
  'application/x-pdf': 'application/pdf',
  'application/x-gzip': 'application/gzip',
  'application/x-zip': 'application/zip',
  'application/x-zip-compressed': 'application/zip',
  'application/x-rar': 'application/vnd.rar',
  'application/x-rar-compressed': 'application/vnd.rar',
  'application/x-exe': 'application/x-msdownload',
  'application/x-dosexec': 'application/x-msdownload',
  'application/vnd.microsoft.portable-executable': 'application/x-msdownload',
  'application/x-photoshop': 'image/vnd.adobe.photoshop',
  'image/x-photoshop': 'image/vnd.adobe.photoshop',
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  // Every program that shows the one shows the other, and both are called `.png`.
  'image/apng': 'image/png',
  'image/x-ms-bmp': 'image/bmp',
  'image/vnd.microsoft.icon': 'image/x-icon',
  'image/heic-sequence': 'image/heic',
  'image/heif-sequence': 'image/heif',
  'image/dng': 'image/x-adobe-dng',
  'audio/mp3': 'audio/mpeg',
  'audio/x-mp3': 'audio/mpeg',
  'audio/x-mpeg': 'audio/mpeg',
  'audio/x-m4a': 'audio/mp4',
  'audio/m4a': 'audio/mp4',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/x-flac': 'audio/flac',
  'audio/x-aiff': 'audio/aiff',
  'audio/x-aac': 'audio/aac',
  'audio/opus': 'audio/ogg',
  'audio/x-midi': 'audio/midi',
  'audio/x-matroska': 'audio/matroska',
  'video/x-matroska': 'video/matroska',
  'video/vnd.avi': 'video/x-msvideo',
  'video/avi': 'video/x-msvideo',
  'video/msvideo': 'video/x-msvideo',
  'video/x-m4v': 'video/mp4',
  'video/mp1s': 'video/mpeg',
  'video/mp2p': 'video/mpeg',
}

/** The one name of a type, without its parameters. */
export function canonical(type: string): string {
  const name = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return OTHER_NAMES[name] ?? name
}

const OFFICE = 'application/vnd.openxmlformats-officedocument'
const OPEN_DOCUMENT = 'application/vnd.oasis.opendocument'

/** The ends of names that promise a type. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg jpeg jpe jfif',
  'image/png': 'png apng',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/heic': 'heic',
  'image/heif': 'heif',
  'image/jxl': 'jxl',
  'image/bmp': 'bmp',
  'image/tiff': 'tif tiff',
  'image/x-icon': 'ico',
  'image/vnd.adobe.photoshop': 'psd',
  'image/svg+xml': 'svg',
  'image/x-adobe-dng': 'dng',
  'video/mp4': 'mp4 m4v',
  'video/quicktime': 'mov',
  'video/webm': 'webm',
  'video/matroska': 'mkv',
  'video/x-msvideo': 'avi',
  'video/mpeg': 'mpg mpeg',
  'video/ogg': 'ogv',
  'video/3gpp': '3gp',
  'video/3gpp2': '3g2',
  'video/x-ms-wmv': 'wmv',
  'video/x-flv': 'flv',
  'video/mp2t': 'mts m2ts',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'audio/wav': 'wav',
  'audio/ogg': 'ogg oga opus',
  'audio/flac': 'flac',
  'audio/aac': 'aac',
  'audio/aiff': 'aif aiff',
  'audio/webm': 'weba',
  'audio/matroska': 'mka',
  'audio/amr': 'amr',
  'audio/midi': 'mid midi',
  'audio/x-ms-wma': 'wma',
  'application/pdf': 'pdf',
  'application/rtf': 'rtf',
  'application/epub+zip': 'epub',
  'application/postscript': 'ps',
  'application/eps': 'eps',
  'application/msword': 'doc dot',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.ms-powerpoint': 'ppt',
  'application/vnd.ms-outlook': 'msg',
  [`${OFFICE}.wordprocessingml.document`]: 'docx',
  [`${OFFICE}.wordprocessingml.template`]: 'dotx',
  [`${OFFICE}.spreadsheetml.sheet`]: 'xlsx',
  [`${OFFICE}.spreadsheetml.template`]: 'xltx',
  [`${OFFICE}.presentationml.presentation`]: 'pptx',
  [`${OFFICE}.presentationml.template`]: 'potx',
  [`${OFFICE}.presentationml.slideshow`]: 'ppsx',
  'application/vnd.ms-word.document.macroenabled.12': 'docm',
  'application/vnd.ms-excel.sheet.macroenabled.12': 'xlsm',
  'application/vnd.ms-powerpoint.presentation.macroenabled.12': 'pptm',
  [`${OPEN_DOCUMENT}.text`]: 'odt',
  [`${OPEN_DOCUMENT}.spreadsheet`]: 'ods',
  [`${OPEN_DOCUMENT}.presentation`]: 'odp',
  [`${OPEN_DOCUMENT}.graphics`]: 'odg',
  'application/vnd.apple.pages': 'pages',
  'application/vnd.apple.numbers': 'numbers',
  'application/vnd.apple.keynote': 'key',
  'application/zip': 'zip',
  'application/gzip': 'gz tgz',
  'application/x-tar': 'tar',
  'application/x-bzip2': 'bz2',
  'application/x-xz': 'xz',
  'application/x-7z-compressed': '7z',
  'application/vnd.rar': 'rar',
  'application/zstd': 'zst',
  'application/java-archive': 'jar',
  'application/vnd.android.package-archive': 'apk',
  'application/x-msdownload': 'exe dll scr',
  'application/wasm': 'wasm',
  'application/x-shockwave-flash': 'swf',
  'font/woff': 'woff',
  'font/woff2': 'woff2',
  'font/ttf': 'ttf',
  'font/otf': 'otf',
  'model/gltf-binary': 'glb',
  'model/stl': 'stl',
  'model/3mf': '3mf',
  'application/x-sqlite3': 'sqlite',
  'application/vnd.apache.parquet': 'parquet',
  [PLAIN_TEXT]: 'txt text log',
  'text/csv': 'csv',
  'text/tab-separated-values': 'tsv',
  'text/markdown': 'md markdown',
  'application/json': 'json',
  'application/x-ndjson': 'ndjson jsonl',
  'application/geo+json': 'geojson',
  'application/yaml': 'yaml yml',
  'application/toml': 'toml',
  'application/xml': 'xml',
  'text/calendar': 'ics',
  'text/vcard': 'vcf',
  'text/vtt': 'vtt',
  'application/x-subrip': 'srt',
  'text/css': 'css',
  'application/gpx+xml': 'gpx',
  'application/vnd.google-earth.kml+xml': 'kml',
  'text/html': 'html htm',
  'application/xhtml+xml': 'xhtml xht',
  'text/javascript': 'js mjs cjs',
}

const TYPES_BY_EXTENSION: ReadonlyMap<string, string> = new Map(
  Object.entries(EXTENSIONS).flatMap(([type, extensions]) => extensions.split(' ').map((extension) => [extension, type] as const)),
)

/** The end of a name after its last dot, in lower case; empty where there is none. */
export function extensionOf(name: string): string {
  return /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
}

/** The type that the end of a name promises. */
export function typeOfExtension(extension: string): string | undefined {
  return TYPES_BY_EXTENSION.get(extension)
}

/** What runs, or can make a browser run something, when somebody opens it: allowed where it is named, never by a group such as `image/*`. */
const ACTIVE: ReadonlySet<string> = new Set([
  'text/html',
  'application/xhtml+xml',
  'image/svg+xml',
  'text/javascript',
  'application/x-msdownload',
  'application/x-shockwave-flash',
  'application/java-archive',
])

export function isActive(type: string): boolean {
  return ACTIVE.has(type)
}

/** What is text, and told from other text by its name alone. */
export function isTextual(type: string): boolean {
  return type.startsWith('text/') || TEXTUAL.has(type) || /\+(json|xml|yaml)$/.test(type)
}

/** What is XML, and nothing that a browser runs. */
export function isXml(type: string): boolean {
  return type === 'application/xml' || (type.endsWith('+xml') && !isActive(type))
}

const TEXTUAL: ReadonlySet<string> = new Set([
  'application/json',
  'application/x-ndjson',
  'application/xml',
  'application/yaml',
  'application/toml',
  'application/x-subrip',
  'application/sql',
])

/** What a container's content alone does not tell: whether a picture goes with the sound, and which of the old Office documents it is. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'video/mp4': ['audio/mp4'],
  'video/webm': ['audio/webm'],
  'video/matroska': ['audio/matroska', 'audio/webm', 'video/webm'],
  'video/3gpp': ['audio/3gpp', 'video/mp4'],
  'video/3gpp2': ['audio/3gpp2', 'video/mp4'],
  'video/ogg': ['audio/ogg'],
  'application/ogg': ['audio/ogg', 'video/ogg'],
  'application/vnd.ms-asf': ['audio/x-ms-wma', 'video/x-ms-wmv', 'audio/x-ms-asf', 'video/x-ms-asf'],
  'image/heif': ['image/heic'],
  'application/x-cfb': ['application/msword', 'application/vnd.ms-excel', 'application/vnd.ms-powerpoint', 'application/vnd.ms-outlook'],
}

/** Whether content of one type may be the other, as its name says. */
export function mayBe(detected: string, declared: string): boolean {
  return ALSO[detected]?.includes(declared) === true
}

/** Containers of many things: files of a type without a signature of its own are often one of these inside. */
const GENERIC: ReadonlySet<string> = new Set([BYTES, 'application/zip', 'application/gzip', 'application/x-cfb', 'application/x-sqlite3'])

export function isGeneric(type: string): boolean {
  return GENERIC.has(type)
}

/** Types that a name may mix up without harm. */
export function familyOf(type: string): string {
  if (isActive(type)) return type
  if (isTextual(type)) return 'text'
  const family = type.slice(0, type.indexOf('/'))
  return family === 'audio' ? 'video' : family
}
