import { expect } from 'chai'
import { html, render } from 'lit'
import { inPlace } from './in-place.js'
import type { WindowedRow } from './windowed-rows.js'

/** Slots in their order from above; the current one in capitals. */
function rowsOf(slots: string): readonly WindowedRow[] {
  return Array.from(slots, (name, index) => ({
    id: `${name}${index}`,
    index,
    top: index * 10,
    slot: name.toLowerCase().charCodeAt(0),
    isCurrent: name !== name.toLowerCase(),
    isInView: true,
  }))
}

function list() {
  const box = document.createElement('div')
  const show = (slots: string, isScrolling = false) => {
    const observer = new MutationObserver(() => {})
    observer.observe(box, { childList: true })
    render(
      inPlace(rowsOf(slots), ({ slot, id }) => html`<p data-slot=${String.fromCharCode(slot)} data-id=${id}></p>`, isScrolling),
      box,
    )
    const touched = observer.takeRecords().flatMap(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes])
    observer.disconnect()
    return new Set(touched.flatMap((node) => (node instanceof HTMLElement ? (node.dataset.slot ?? '') : [])))
  }
  const order = () => Array.from(box.children, (element) => (element instanceof HTMLElement ? element.dataset.slot : '')).join('')
  return { show, order }
}

describe('rows in place', () => {
  it('are in order, and none is touched that stays', () => {
    const { show, order } = list()
    show('Abcdef')
    expect(Array.from(show('Abcdef'))).to.deep.equal([])
    expect(order()).to.equal('abcdef')
  })

  it('move one element for one step', () => {
    const { show, order } = list()
    show('aBcdef')
    expect(Array.from(show('Bcdefa'))).to.deep.equal(['a'])
    expect(order()).to.equal('bcdefa')
    expect(Array.from(show('aBcdef'))).to.deep.equal(['a'])
    expect(order()).to.equal('abcdef')
  })

  it('never move the current one, whatever comes', () => {
    const { show, order } = list()
    const orders = ['Abcdefg', 'gfedcbA', 'bAc', 'xyAz', 'A', 'zyxwA', 'Azyxw', 'qAzw', 'wzAq']
    show('Abc')
    for (const slots of orders) {
      expect(show(slots).has('a'), slots).to.equal(false)
      expect(order()).to.equal(slots.toLowerCase())
    }
  })

  it('move nothing while the list is scrolled, and come into order afterwards', () => {
    const { show, order } = list()
    show('Abcdef')
    expect(show('Acdefb', true).size).to.equal(0)
    expect(Array.from(show('Adefbcx', true))).to.deep.equal(['x'])
    show('Adefbcx')
    expect(order()).to.equal('adefbcx')
  })

  it('leave when they are no longer there, scrolled or not', () => {
    const { show, order } = list()
    show('Abcd')
    show('Ad', true)
    expect(order()).to.equal('ad')
    show('')
    expect(order()).to.equal('')
  })
})
