import type { ComplexAttributeConverter } from 'lit'

/** Reads an attribute as a number above zero. Anything else counts as absent: a limit that makes no sense limits nothing. */
export const positiveNumber: ComplexAttributeConverter<number | undefined> = {
  fromAttribute(value) {
    const number = Number(value)
    return number > 0 ? number : undefined
  },
}
