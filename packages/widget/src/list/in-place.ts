import { noChange, type TemplateResult } from 'lit'
import { directive, Directive, type DirectiveParameters, PartType, type PartInfo } from 'lit/directive.js'
import { insertPart, removePart, setChildPartValue, setCommittedValue } from 'lit/directive-helpers.js'
import type { ChildPart } from 'lit/html.js'
import { longestRising } from './rising.js'
import type { WindowedRow } from './windowed-rows.js'

type Template = (row: WindowedRow) => TemplateResult

class InPlace extends Directive {
  /** By slot, in the order of the DOM. */
  #parts = new Map<number, ChildPart>()

  constructor(info: PartInfo) {
    super(info)
    if (info.type !== PartType.CHILD) throw new Error('Rows stand between tags.')
  }

  render(_rows: readonly WindowedRow[], _template: Template): unknown {
    return noChange
  }

  override update(container: ChildPart, [rows, template]: DirectiveParameters<this>): unknown {
    const slots = new Set(rows.map(({ slot }) => slot))
    for (const [slot, part] of this.#parts) {
      if (slots.has(slot)) continue
      removePart(part)
      this.#parts.delete(slot)
    }
    const places = new Map(Array.from(this.#parts.keys(), (slot, place) => [slot, place]))
    const current = rows.findIndex(({ isCurrent }) => isCurrent)
    const staying = longestRising(
      rows.map(({ slot }) => places.get(slot)),
      current,
    )
    // From the end, so that what each goes before is in its place already.
    const parts: ChildPart[] = []
    for (let index = rows.length - 1; index >= 0; index -= 1) {
      const row = rows[index]
      if (!row) continue
      const known = this.#parts.get(row.slot)
      const part = known && staying.has(index) ? known : insertPart(container, parts[0], known)
      parts.unshift(setChildPartValue(part, template(row)))
    }
    this.#parts = new Map(parts.map((part, index) => [rows[index]?.slot ?? index, part]))
    setCommittedValue(container, parts)
    return noChange
  }
}

/**
 * Like `repeat`, with a promise that `repeat` does not make: the current row's element is never moved, since an element that moves loses
 * focus. Of the others as few are moved as can be.
 */
export const inPlace = directive(InPlace)
