export { type Dropped, readDrop, type Walked, walkFolders, type WalkOptions, withPaths } from './dropped-files.js'
export { effectFor, hasFiles, isOverFileInput, isPasteIntoText } from './what-is-dragged.js'
