/** Where tus is answered, relative to the mount. Apart from the storage, which needs `@tus/server`. */
export const TUS_PATH = 'tus'
