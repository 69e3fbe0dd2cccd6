/** What an object says itself: a file may have the name of what every object has, `constructor`. */
export function ownOf<Value>(
  of: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined {
  return of !== undefined && Object.hasOwn(of, name) ? of[name] : undefined
}
