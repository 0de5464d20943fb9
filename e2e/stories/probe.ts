/** What a test asks of a page of elements. Each answer is a list of faults, in words. */
export interface Probe {
  /** What can be pressed and takes no finger: its reach is below 44 px across or down. */
  smallTargets(): readonly string[]
  /** What would move for longer than a hundredth of a second, in whatever state, and what a script has moved. */
  movements(): readonly string[]
  /** Text and buttons that are not to be seen whole, and what scrolls sideways. */
  cutOff(): readonly string[]
  /** Buttons that touch each other, or text that is not theirs. */
  collisions(): readonly string[]
  /** What cannot be told from its ground where the browser chooses all colours. */
  faint(): readonly string[]
  /** The language that the words of every element are in. */
  languages(): readonly string[]
}

declare global {
  interface Window {
    readonly probe: Probe
  }
}

/** Puts `window.probe` into a page. It goes there as a whole, so it uses nothing from outside. */
export function installProbe(): void {
  const OURS = 'upload-panel, upload-dropzone, upload-queue, upload-progress, sync-status'
  const CONTROLS = 'button, a[href], input, summary, select, textarea, [role=button]'
  const FINGER = 44
  const MOMENT_S = 0.01

  const moved: string[] = []
  const animate = Element.prototype.animate
  Element.prototype.animate = function (keyframes, options) {
    const duration = typeof options === 'number' ? options : Number(options?.duration ?? 0)
    if (duration > MOMENT_S * 1000) moved.push(`${describe(this)} is moved by a script for ${duration} ms`)
    return animate.call(this, keyframes, options)
  }

  /** All elements of ours that are rendered, through every shadow root. */
  function all(): readonly Element[] {
    const found: Element[] = []
    const walk = (root: ParentNode) => {
      for (const element of root.querySelectorAll('*')) {
        found.push(element)
        if (element.shadowRoot) walk(element.shadowRoot)
      }
    }
    for (const element of document.querySelectorAll(OURS)) {
      found.push(element)
      if (element.shadowRoot) walk(element.shadowRoot)
    }
    return found.filter(isShown)
  }

  function isShown(element: Element): boolean {
    return element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && !isForEarsOnly(element)
  }

  function isForEarsOnly(element: Element): boolean {
    return element.matches('.name > .whole') || isInside(element, ({ clipPath }) => clipPath === 'inset(50%)')
  }

  /** Whether it, or something around it, has such a style. */
  function isInside(element: Element, has: (style: CSSStyleDeclaration) => boolean): boolean {
    for (let next: Element | null = element; next; next = parentOf(next)) if (has(getComputedStyle(next))) return true
    return false
  }

  function parentOf(element: Element): Element | null {
    if (element.assignedSlot) return element.assignedSlot
    const { parentNode } = element
    return parentNode instanceof ShadowRoot ? parentNode.host : element.parentElement
  }

  function contains(outer: Element, inner: Element | null): boolean {
    for (let next = inner; next; next = parentOf(next)) if (next === outer) return true
    return false
  }

  function describe(element: Element): string {
    const name = element.getAttribute('aria-label') ?? element.textContent?.replace(/\s+/g, ' ').trim().slice(0, 40) ?? ''
    const host = element.getRootNode()
    const inside = host instanceof ShadowRoot ? `${host.host.localName} ` : ''
    return `${inside}${element.localName}${element.classList.length > 0 ? `.${[...element.classList].join('.')}` : ''}${name ? ` “${name}”` : ''}`
  }

  function topAt(x: number, y: number): Element | null {
    let top = document.elementFromPoint(x, y)
    for (let inner = top?.shadowRoot?.elementFromPoint(x, y); inner && inner !== top; inner = top?.shadowRoot?.elementFromPoint(x, y))
      top = inner
    return top
  }

  const controls = () => all().filter((element) => element.matches(CONTROLS) && !element.matches(':disabled, [type=file]'))

  /** Whether a press so far from its middle reaches it. */
  function isReached(element: Element, x: number, y: number): boolean {
    const { left, top, width, height } = element.getBoundingClientRect()
    return contains(element, topAt(left + width / 2 + x, top + height / 2 + y))
  }

  /** Where a finger misses it that is not in its very middle. */
  function missedEdges(element: Element): readonly string[] {
    // Engines round to whole pixels.
    const edge = FINGER / 2 - 1
    const edges = { left: [-edge, 0], right: [edge, 0], above: [0, -edge], below: [0, edge] } as const
    return Object.entries(edges).flatMap(([name, [x, y]]) => (isReached(element, x, y) ? [] : [name]))
  }

  interface Piece {
    readonly element: Element
    readonly text: string
    readonly box: DOMRect
  }

  /** Each line of each text. */
  function texts(): readonly Piece[] {
    return all().flatMap((element) =>
      Array.from(element.childNodes).flatMap((node) => {
        const text = node.nodeType === Node.TEXT_NODE ? (node.textContent ?? '').trim() : ''
        if (text === '' || element.localName === 'style') return []
        const range = document.createRange()
        range.selectNodeContents(node)
        return Array.from(range.getClientRects(), (box) => ({ element, text: text.slice(0, 40), box })).filter(({ box }) => box.width > 0.5)
      }),
    )
  }

  /** What hides a part of a box: an element around it, or the edge of the window. Not what ends in an ellipsis, or can be scrolled down to. */
  function hiddenBy(element: Element, box: DOMRect): string | undefined {
    let isScrolled = false
    for (let next: Element | null = element; next; next = parentOf(next)) {
      const { overflowX, overflowY, textOverflow, position } = getComputedStyle(next)
      isScrolled ||= overflowY === 'auto' || overflowY === 'scroll'
      const around = next.getBoundingClientRect()
      const isWider = box.left < around.left - 1 || box.right > around.right + 1
      if (overflowX !== 'visible' && isWider)
        return textOverflow === 'ellipsis' || next.matches('.name, table *') ? undefined : describe(next)
      const isHigher = box.top + box.height * 0.25 < around.top || box.bottom - box.height * 0.25 > around.bottom
      if (overflowY !== 'visible' && !isScrolled && isHigher) return describe(next)
      if (position === 'fixed') break
    }
    return box.left < -1 || box.right > document.documentElement.clientWidth + 1 ? 'the window' : undefined
  }

  /** What lies above the page: popovers, and what is fixed to the window. */
  function layerOf(element: Element): Element | null {
    for (let next: Element | null = element; next; next = parentOf(next)) {
      if (next.hasAttribute('popover') || getComputedStyle(next).position === 'fixed') return next
    }
    return null
  }

  /** What is left of a box in the boxes around it that scroll or clip. */
  function seen({ element, box }: { readonly element: Element; readonly box: DOMRect }): DOMRect {
    let { left, right, top, bottom } = box
    for (let next: Element | null = element; next; next = parentOf(next)) {
      const { overflowY, position } = getComputedStyle(next)
      const around = next.getBoundingClientRect()
      if (overflowY !== 'visible') {
        left = Math.max(left, around.left)
        right = Math.min(right, around.right)
        top = Math.max(top, around.top)
        bottom = Math.min(bottom, around.bottom)
      }
      if (position === 'fixed') break
    }
    return new DOMRect(left, top, Math.max(0, right - left), Math.max(0, bottom - top))
  }

  function overlap(a: DOMRect, b: DOMRect): boolean {
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left)
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
    return across > 0.5 && down > 0.5
  }

  function colour(text: string): readonly [number, number, number, number] | undefined {
    const parts = /^rgba?\(([^)]+)\)$/
      .exec(text)?.[1]
      ?.split(/[ ,/]+/)
      .map(Number)
    const srgb = /^color\(srgb ([^)]+)\)$/.exec(text)?.[1]?.split(/[ /]+/).map(Number)
    const [red, green, blue, alpha = 1] = parts ?? srgb?.map((part, index) => (index < 3 ? part * 255 : part)) ?? []
    return red === undefined || green === undefined || blue === undefined ? undefined : [red, green, blue, alpha]
  }

  function luminance([red, green, blue]: readonly number[]): number {
    const [r = 0, g = 0, b = 0] = [red, green, blue].map((value = 0) => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }

  function contrast(a: string, b: string): number {
    const [first, second] = [colour(a), colour(b)]
    if (!first || !second || first[3] < 0.5) return 1
    const [light = 0, dark = 0] = [luminance(first), luminance(second)].sort((x, y) => y - x)
    return (light + 0.05) / (dark + 0.05)
  }

  function systemColour(name: string): string {
    const sample = document.createElement('i')
    sample.style.cssText = `forced-color-adjust:none;color:${name}`
    document.body.append(sample)
    const { color } = getComputedStyle(sample)
    sample.remove()
    return color
  }

  const probe: Probe = {
    smallTargets: () =>
      [...controls()]
        .sort((a, b) => Number(layerOf(b) !== null) - Number(layerOf(a) !== null))
        .flatMap((element) => {
          // What scrolls closes what is open over it.
          if (missedEdges(element).length > 0) element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' })
          // Something of another layer lies over it.
          if (!isReached(element, 0, 0)) return []
          const missed = missedEdges(element)
          const { width, height } = element.getBoundingClientRect()
          return missed.length > 0 ? [`${describe(element)}, ${width} × ${height}, is missed ${missed.join(' and ')}`] : []
        }),

    movements: () => [
      ...moved,
      ...all().flatMap((element) =>
        [undefined, '::before', '::after', '::backdrop'].flatMap((pseudo) => {
          const style = getComputedStyle(element, pseudo)
          const longest = (list: string) => Math.max(...list.split(',').map((time) => Number.parseFloat(time)))
          const isAnimated = style.animationName !== 'none' && longest(style.animationDuration) > MOMENT_S
          const isGliding = style.transitionProperty !== 'none' && longest(style.transitionDuration) > MOMENT_S
          return isAnimated || isGliding ? [`${describe(element)}${pseudo ?? ''}: ${isAnimated ? style.animation : style.transition}`] : []
        }),
      ),
      ...document.getAnimations().flatMap(({ effect }) => {
        const duration = Number(effect?.getComputedTiming().duration)
        return duration > MOMENT_S * 1000 ? [`an animation of ${duration} ms runs`] : []
      }),
    ],

    cutOff: () => {
      const sideways = all()
        .filter((element) => !element.matches('table, table *') && !element.querySelector('table'))
        .filter((element) => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth)
      const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth
      const hidden = [...texts(), ...controls().map((element) => ({ element, box: element.getBoundingClientRect() }))].flatMap(
        ({ element, box }) => {
          const by = element.matches('table *') ? undefined : hiddenBy(element, box)
          return by === undefined ? [] : [`${describe(element)} is cut off by ${by}`]
        },
      )
      const spilled = texts().flatMap(({ element, text, box }) => {
        const control = controls()
          .find((each) => contains(each, element))
          ?.getBoundingClientRect()
        const isSpilled = control && (box.left < control.left - 1 || box.right > control.right + 1) && hiddenBy(element, box) === undefined
        return isSpilled && getComputedStyle(element).textOverflow !== 'ellipsis'
          ? [`“${text}” of ${describe(element)} is wider than it`]
          : []
      })
      return [
        ...(wide > 0 ? [`the page scrolls sideways by ${wide} px`] : []),
        ...sideways.map((element) => `${describe(element)} scrolls sideways`),
        ...hidden,
        ...spilled,
      ]
    },

    collisions: () => {
      const buttons = controls()
        .map((element) => ({ element, text: describe(element), box: element.getBoundingClientRect() }))
        .map((piece) => ({ ...piece, box: seen(piece) }))
      const pieces = texts().map((piece) => ({ ...piece, box: seen(piece) }))
      return buttons.flatMap((button, index) =>
        [...buttons.slice(index + 1), ...pieces]
          .filter(
            ({ element, box }) => overlap(button.box, box) && !contains(button.element, element) && !contains(element, button.element),
          )
          .filter(({ element }) => layerOf(element) === layerOf(button.element))
          .map(({ element, text }) => `${button.text} and ${text} of ${describe(element)}`),
      )
    },

    faint: () => {
      const ground = systemColour('Canvas')
      const isSeen = (...colours: readonly string[]) => colours.some((text) => contrast(text, ground) >= 3)
      return all().flatMap((element) =>
        [undefined, '::before', '::after'].flatMap((pseudo) => {
          const style = getComputedStyle(element, pseudo)
          if (style.forcedColorAdjust === 'auto' || (pseudo !== undefined && style.content === 'none')) return []
          if (element instanceof SVGElement && pseudo === undefined) {
            const isNone = (paint: string) => paint === 'none' || (colour(paint)?.[3] ?? 1) === 0
            if (!element.matches('path, circle, rect, line, polyline') || (isNone(style.stroke) && isNone(style.fill))) return []
            return isSeen(style.stroke, style.fill) ? [] : [`${describe(element)}: ${style.stroke} ${style.fill} on ${ground}`]
          }
          if (pseudo === undefined && !element.matches('[class]')) return []
          const edges = style.borderTopWidth === '0px' ? [] : [style.borderTopColor]
          const outline = style.outlineStyle === 'none' ? [] : [style.outlineColor]
          return isSeen(style.backgroundColor, ...edges, ...outline)
            ? []
            : [`${describe(element)}${pseudo ?? ''}: ${style.backgroundColor} on ${ground}`]
        }),
      )
    },

    languages: () =>
      Array.from(document.querySelectorAll(OURS), ({ shadowRoot }) => shadowRoot?.querySelector('[lang]')?.getAttribute('lang') ?? ''),
  }
  Object.assign(window, { probe })
}
