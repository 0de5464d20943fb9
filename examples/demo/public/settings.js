/**
 * A form whose controls are the attributes of an element, by their names. They are kept in the page's address, so that a reload or a link brings
 * them back; there, too, only what the form offers counts.
 */
export function connectSettings(form, element, onChange) {
  const controls = Array.from(form.elements).filter((control) => control.name !== '')
  const initial = new Map(controls.map((control) => [control.name, element.getAttribute(control.name)]))

  const read = (control) => {
    if (control.type === 'checkbox') return control.checked ? '' : null
    return control.value === '' ? null : control.value
  }
  const write = (control, value) => {
    if (control.type === 'checkbox') control.checked = value !== null
    else if (Array.from(control.options, (option) => option.value).includes(value ?? '')) control.value = value ?? ''
  }
  const apply = () => {
    const query = new URLSearchParams()
    for (const control of controls) {
      const value = read(control)
      if (value === null) element.removeAttribute(control.name)
      else element.setAttribute(control.name, value)
      if (value !== initial.get(control.name)) query.set(control.name, value ?? '')
    }
    return query
  }

  const asked = new URLSearchParams(location.search)
  for (const control of controls) write(control, asked.has(control.name) ? wanted(control, asked) : initial.get(control.name))
  apply()
  form.addEventListener('change', () => {
    const query = String(apply())
    history.replaceState(null, '', query === '' ? location.pathname : `?${query}`)
    onChange()
  })

  return {
    /** The element as a page would write it. */
    markup() {
      const attributes = controls.flatMap((control) => {
        const value = read(control)
        if (value === null) return []
        return value === '' ? control.name : `${control.name}="${value}"`
      })
      return [`<${element.localName} endpoint="/uploads"`, ...attributes].join(' ') + `></${element.localName}>`
    },
  }
}

function wanted(control, asked) {
  const value = asked.get(control.name)
  return control.type === 'checkbox' || value !== '' ? value : null
}
