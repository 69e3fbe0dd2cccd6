/**
 * Without user and password of the URLs in a text. Up to the last @ before the path: a password
 * that was typed as it is may itself contain one.
 *
 * @example
 * hideCredentials('postgres://ann:pw@db:5432/jobs') // 'postgres://(secret)@db:5432/jobs'
 */
export function hideCredentials(text: string): string {
  return text.replace(/(?<=[a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'`<>]*@/gi, '(secret)@')
}
