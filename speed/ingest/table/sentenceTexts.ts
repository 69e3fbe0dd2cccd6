import { tableLimits } from '../limits.ts'

/** The beginning of a text, for a sentence. */
export function shown(text: string): string {
  const { shownCharsMax } = tableLimits
  return text.length > shownCharsMax ? `${text.slice(0, shownCharsMax)}…` : text
}

const names: Readonly<Record<string, string>> = {
  ',': 'comma',
  ';': 'semicolon',
  '\t': 'tab',
  ' ': 'blank',
}

export function nameOfDelimiter(delimiter: string): string {
  return names[delimiter] ?? delimiter
}
