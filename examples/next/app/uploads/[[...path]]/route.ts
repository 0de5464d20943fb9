import { toNextHandlers } from '@upload-panel/server-adapter/next'
import { uploads } from '../../../lib/uploads'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = toNextHandlers(uploads)
