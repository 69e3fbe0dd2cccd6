/**
 * Licences that may enter, by their SPDX names: permissive ones, and MPL-2.0, whose duty ends with
 * the package's own files, which nobody here changes.
 */
const allowed: ReadonlySet<string> = new Set([
  ...['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BSL-1.0'],
  ...['BlueOak-1.0.0', 'CC0-1.0', 'Unlicense', 'PostgreSQL', 'Python-2.0', 'Zlib', 'NCSA'],
  ...['CC-BY-4.0', 'CDLA-Permissive-2.0', 'Unicode-3.0', 'ICU', 'libpng-2.0', 'bzip2-1.0.6'],
  ...['OpenSSL', 'OLDAP-2.8', 'MPL-2.0', 'LicenseRef-public-domain'],
])

/**
 * Whether an SPDX expression leaves a choice of allowed licences only: one side of each OR, both
 * sides of each AND. An exception (WITH) only permits more. What cannot be read is not allowed.
 */
export function isAllowed(expression: string): boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? []
  let at = 0
  const either = (): boolean => {
    let answer = both()
    while (tokens[at] === 'OR') {
      at++
      answer = both() || answer
    }
    return answer
  }
  const both = (): boolean => {
    let answer = one()
    while (tokens[at] === 'AND') {
      at++
      answer = one() && answer
    }
    return answer
  }
  const one = (): boolean => {
    const token = tokens[at++]
    if (token === '(') return either() && tokens[at++] === ')'
    if (tokens[at] === 'WITH') at += 2
    return token !== undefined && allowed.has(token)
  }
  return either() && at === tokens.length
}

/** What may not enter under any explanation, unless only a developer's machine runs it. */
export function isStrongCopyleft(expression: string): boolean {
  return !isAllowed(expression) && /\bA?GPL/.test(expression.replace(/\bLGPL/g, ''))
}
