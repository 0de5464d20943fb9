export type { UploadItemDetail, UploadItemsDetail, UploadPanelEventMap, UploadRejectedDetail } from './internal/panel-events.js'
export { UploadPanel } from './upload-panel.js'
