export type { UploadItemDetail, UploadItemsDetail, UploadPanelEventMap, UploadRejectedDetail } from './upload-panel.js'
export { UploadPanel } from './upload-panel.js'
