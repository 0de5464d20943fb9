import { noChange } from 'lit'
import { directive, Directive, type ElementPart, PartType, type PartInfo } from 'lit/directive.js'

/** A step that is seen to jump, as a fraction: smaller ones are too many, and too short, to glide. */
const JUMP = 0.01

/** Half of a bar, written by hand: a template compares all that a row shows to find the one figure that a tick has changed. */
export interface MovingBar {
  /** `undefined`: it goes on, but nobody knows how far; a style sheet moves it. */
  move(half: HTMLElement, fraction: number | undefined): void
  /** What follows is another file's: nothing glides from where this one's was. */
  forget(): void
}

export function createMovingBar(): MovingBar {
  const places = new Map<HTMLElement, number | undefined>()
  return {
    move(half, fraction) {
      const before = places.get(half)
      if (places.has(half) && before === fraction) return
      places.set(half, fraction)
      half.classList.toggle('glides', before !== undefined && fraction !== undefined && Math.abs(fraction - before) >= JUMP)
      half.style.transform = fraction === undefined ? '' : `scaleX(${fraction})`
    },
    forget: () => places.clear(),
  }
}

class MovedTo extends Directive {
  readonly #bar = createMovingBar()

  constructor(info: PartInfo) {
    super(info)
    if (info.type !== PartType.ELEMENT) throw new Error('A bar is an element.')
  }

  render(_fraction: number | undefined): unknown {
    return noChange
  }

  override update({ element }: ElementPart, [fraction]: [number | undefined]): unknown {
    if (element instanceof HTMLElement) this.#bar.move(element, fraction)
    return noChange
  }
}

/** The same for a bar in a template. */
export const movedTo = directive(MovedTo)
