/**
 * User and password of a URL as they were meant: a `%` that begins no pair of digits is kept, as
 * the URL standard does, where `decodeURIComponent` throws.
 */
export function userOfUrl(url: URL): { readonly user: string; readonly password: string } {
  return { user: decode(url.username), password: decode(url.password) }
}

function decode(text: string): string {
  // What is not ASCII was encoded when the URL was read, so that each character is a byte.
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
