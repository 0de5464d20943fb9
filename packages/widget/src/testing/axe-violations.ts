import type Axe from 'axe-core'
// Defines the global `axe`; it has no exports that a browser could import.
import 'axe-core'

declare global {
  var axe: typeof Axe
}

const WCAG_22_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe finds wrong with an element, of WCAG 2.2 AA and best practice. */
export async function axeViolations(element: HTMLElement): Promise<readonly string[]> {
  // Only the element is judged, not the test runner's page: landmarks and the first heading are the page's own.
  const { violations } = await axe.run(element, { runOnly: WCAG_22_AA, rules: { 'page-has-heading-one': { enabled: false } } })
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).join('; ')}`)
}
