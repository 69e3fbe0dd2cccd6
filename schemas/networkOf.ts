/**
 * The client that requests from an address are counted for: the address itself, or the /64 of an
 * IPv6 address, since one host owns all of it.
 *
 * @example
 * networkOf('2001:db8:1:2:3::4') // '2001:db8:1:2'
 */
export function networkOf(ip: string): string {
  if (!ip.includes(':')) return ip
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)
  if (mapped) return mapped[1]!
  const [head = '', tail] = ip.split('%')[0]!.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':')
    while (groups.length + after.length < 8) groups.push('0')
    groups.push(...after)
  }
  return groups.slice(0, 4).join(':').toLowerCase()
}
