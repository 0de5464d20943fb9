/** How many operations the words are about: a list of a hundred files at work. */
export const OPERATIONS = 100

/**
 * The next word, as a server would tell it: whole, with a rising version.
 * @param {string[]} operationIds
 * @param {number} number of the word, from 0
 */
export function wordOf(operationIds, number) {
  const round = Math.floor(number / operationIds.length)
  return {
    operation_id: operationIds[number % operationIds.length],
    operation_type: 'upload',
    status: 'in_progress',
    // Rises through a million words.
    progress: Math.min(99.99, round / 100),
    stage: 'compressing',
    message: 'Compressing the video for small screens',
    timestamp: new Date().toISOString(),
    version: 10 + number,
    performance_data: { sent_at: Date.now() },
  }
}
