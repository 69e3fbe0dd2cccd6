/**
 * Asks for the keys of many callers with one question at a time. Who comes while one is being
 * answered shares the next, which begins after he has asked.
 *
 * @param keysMax of one question; what is beyond it waits for the one after that.
 */
export function askTogether<Key, Answer>(
  keysMax: number,
  ask: (keys: readonly Key[]) => Promise<Answer>,
): (key: Key) => Promise<Answer> {
  let last: Promise<unknown> = Promise.resolve()
  let open: { readonly keys: Set<Key>; readonly answer: Promise<Answer> } | null = null
  const begin = () => {
    const keys = new Set<Key>()
    const answer = last.then(() => {
      if (open?.keys === keys) open = null
      return ask([...keys])
    })
    last = answer.catch(() => {})
    return { keys, answer }
  }
  return (key) => {
    const isFull = open !== null && open.keys.size >= keysMax && !open.keys.has(key)
    if (open === null || isFull) open = begin()
    open.keys.add(key)
    return open.answer
  }
}
