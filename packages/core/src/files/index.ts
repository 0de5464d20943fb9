export { takeDropped, type TakeOptions, withPaths } from './dropped-files.js'
export { effectFor, hasFiles, isInside, isOverFileInput, isPasteIntoText } from './what-is-dragged.js'
