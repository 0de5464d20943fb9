import { noChange } from 'lit'
import { directive, Directive, type DirectiveParameters, PartType, type PartInfo } from 'lit/directive.js'
import { insertPart, removePart, setChildPartValue, setCommittedValue } from 'lit/directive-helpers.js'
import type { ChildPart } from 'lit/html.js'
import { longestRising } from './rising.js'
import type { WindowedRow } from './windowed-rows.js'

type Template = (row: WindowedRow) => unknown

class InPlace extends Directive {
  /** By slot, in the order of the DOM. */
  #parts = new Map<number, ChildPart>()

  constructor(info: PartInfo) {
    super(info)
    if (info.type !== PartType.CHILD) throw new Error('Rows stand between tags.')
  }

  render(_rows: readonly WindowedRow[], _template: Template, _isScrolling = false): unknown {
    return noChange
  }

  override update(container: ChildPart, [rows, template, isScrolling = false]: DirectiveParameters<this>): unknown {
    const slots = new Set(rows.map(({ slot }) => slot))
    for (const [slot, part] of this.#parts) {
      if (slots.has(slot)) continue
      removePart(part)
      this.#parts.delete(slot)
    }
    if (isScrolling) this.#renderAnywhere(container, rows, template)
    else this.#renderInOrder(container, rows, template)
    setCommittedValue(container, Array.from(this.#parts.values()))
    return noChange
  }

  /** An element that is moved is styled and laid out as if it were new. Where each step of a scroll shows other rows, order can wait. */
  #renderAnywhere(container: ChildPart, rows: readonly WindowedRow[], template: Template): void {
    for (const row of rows) {
      const part = this.#parts.get(row.slot) ?? insertPart(container)
      this.#parts.set(row.slot, setChildPartValue(part, template(row)))
    }
  }

  #renderInOrder(container: ChildPart, rows: readonly WindowedRow[], template: Template): void {
    const places = new Map(Array.from(this.#parts.keys(), (slot, place) => [slot, place]))
    const staying = longestRising(
      rows.map(({ slot }) => places.get(slot)),
      rows.findIndex(({ isCurrent }) => isCurrent),
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
  }
}

/**
 * Like `repeat`, with a promise that `repeat` does not make: the current row's element is never moved, since an element that moves loses
 * focus. Of the others as few are moved as can be, and none while the list is scrolled: rows are placed by themselves, and their order in the
 * document, which is that of reading, follows once the list rests.
 */
export const inPlace = directive(InPlace)
