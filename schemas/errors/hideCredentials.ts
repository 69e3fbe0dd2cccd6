/**
 * Without user and password of the URLs in a text, and without the values of secret parameters.
 *
 * What is between `://` and the last @ up to the next space is left out: a password that was typed
 * as it is may itself contain an @, a slash or a quote. So it may hide more than a password. One
 * with spaces is hidden where `user:` shows that it began. Time is linear in the length.
 *
 * @example
 * hideCredentials('postgres://ann:pw@db:5432/jobs') // 'postgres://(secret)@db:5432/jobs'
 */
export function hideCredentials(text: string): string {
  if (!separator.test(text)) return text
  // Words and the spaces between them, by turns.
  const words = text.split(/(\s+)/)
  const shown: string[] = []
  for (let at = 0; at < words.length; at++) {
    const last = lastWordOf(words, at)
    const word = last === at ? words[at] : words.slice(at, last + 1).join('')
    shown.push(hideInWord(word ?? ''))
    at = last
  }
  return shown.join('')
}

/** `://`, also escaped for JSON or for a URL; well-known schemes need no slashes. */
const separator = new RegExp(
  [
    '(?:',
    ...['(?:https?|wss?|ftp|postgres(?:ql)?|rediss?)(?::|%3A)', '|'],
    ...['(?::|%3A)(?=(?:[\\\\/]|%2F){2})', '|', '//'],
    ')(?:[\\\\/]|%2F)*',
  ].join(''),
  'i',
)

const secretParameter =
  /([?&](?:[a-z]+[-_])?(?:passw(?:or)?d|pwd|token|secret|credentials?|(?:api[-_]?)?key)=)[^&\s]+/gi

/** A user, and what can be no port. */
const openUserInfo = /^[^/?#:@[]*:(?!\d{1,5}(?!\w))\S/

/** Number of words and spaces that a password may go on for. */
const wordsMax = 16

/** The index of the word in which the password that begins in this one ends. */
function lastWordOf(words: readonly string[], at: number): number {
  const word = words[at] ?? ''
  const found = separator.exec(word)
  if (!found || word.includes('@')) return at
  if (!openUserInfo.test(word.slice(found.index + found[0].length))) return at
  const rest = words.slice(at + 1, at + 1 + wordsMax)
  const end = rest.findIndex((each) => each.includes('@') || separator.test(each))
  return rest[end]?.includes('@') ? at + 1 + end : at
}

function hideInWord(word: string): string {
  const found = separator.exec(word)
  if (!found) return word
  const from = found.index + found[0].length
  const isEncoded = found[0].includes('%')
  const to = Math.max(word.lastIndexOf('@'), isEncoded ? word.lastIndexOf('%40') : -1)
  // The path of a module, which may contain an @, has no password.
  const isFile = word.slice(0, found.index).endsWith('file')
  const hidden = to < from || isFile ? word : `${word.slice(0, from)}(secret)${word.slice(to)}`
  return hidden.replace(secretParameter, '$1(secret)')
}
