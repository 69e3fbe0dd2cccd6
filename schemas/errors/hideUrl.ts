/**
 * A configured URL as scheme and host: a password, an API key in the path and a secret parameter
 * are left out. Unlike {@link hideCredentials} it has not to guess where they end.
 *
 * @example
 * hideUrl("http://ann:it's@db:8123") // 'http://(secret)@db:8123'
 * hideUrl('https://eth.example/v3/0123abc') // 'https://eth.example/(secret)'
 */
export function hideUrl(text: string): string {
  if (!URL.canParse(text)) return '(secret)'
  const url = new URL(text)
  // A file or folder of this machine.
  if (/^(file|lmdb):$/.test(url.protocol) && !text.includes('@')) return text
  if (url.host === '') return `${url.protocol}(secret)`
  const user = url.username === '' && url.password === '' ? '' : '(secret)@'
  const hasMore = url.pathname.length > 1 || url.search !== '' || url.hash !== ''
  return `${url.protocol}//${user}${url.host}${hasMore ? '/(secret)' : ''}`
}
