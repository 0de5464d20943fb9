/** The file that was chosen just now. The input forgets it, so that the same one can be chosen a second time. */
export function chosenFile({ target }: Event): File | undefined {
  const input = target as HTMLInputElement
  const file = input.files?.[0]
  input.value = ''
  return file
}
