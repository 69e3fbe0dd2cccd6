import { expect, test } from 'vitest'
import { askTogether } from './askTogether.ts'

/** A question at a time that is answered, with its keys, when the test says so. */
function openAsking(keysMax: number) {
  const asked: { readonly keys: readonly string[]; answer(): void; fail(): void }[] = []
  const ask = askTogether(keysMax, (keys: readonly string[]) => {
    return new Promise<string>((resolve, reject) => {
      const answer = () => resolve(keys.join(' '))
      asked.push({ keys, answer, fail: () => reject(new Error(keys.join(' '))) })
    })
  })
  return { asked, ask }
}

const nextTurn = () => new Promise(setImmediate)

test('who asks while another is answered shares the next question, also of one key', async () => {
  const { asked, ask } = openAsking(10)
  const first = [ask('a'), ask('b'), ask('a')]
  await nextTurn()
  const later = [ask('a'), ask('c')]
  await nextTurn()
  expect(asked.map(({ keys }) => keys)).toEqual([['a', 'b']])
  asked[0]!.answer()
  expect(await Promise.all(first)).toEqual(['a b', 'a b', 'a b'])
  await nextTurn()
  asked[1]!.answer()
  expect(await Promise.all(later)).toEqual(['a c', 'a c'])
  expect(asked).toHaveLength(2)
})

test('a question has a bound, and one that fails is none of the next', async () => {
  const { asked, ask } = openAsking(2)
  const answers = ['a', 'b', 'c', 'b', 'd'].map((key) => ask(key).catch((error) => error.message))
  await nextTurn()
  asked[0]!.fail()
  await nextTurn()
  asked[1]!.answer()
  await nextTurn()
  asked[2]?.answer()
  // The second `b` comes when the first question is full, and is asked with `c`.
  expect(await Promise.all(answers)).toEqual(['a b', 'a b', 'c b', 'c b', 'd'])
})
