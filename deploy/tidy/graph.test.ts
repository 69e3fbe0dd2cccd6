import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cyclesOf, reachableFrom } from './graph.ts'

test('a cycle of any length is found, and a node that only leads to it is not in it', () => {
  expect(cyclesOf(graphOf('ab', 'bc', 'ca', 'da', 'ce'))).toEqual([['a', 'b', 'c']])
  expect(cyclesOf(graphOf('ab', 'ba', 'bc', 'cd', 'dc'))).toEqual([
    ['c', 'd'],
    ['a', 'b'],
  ])
  expect(cyclesOf(graphOf('ab', 'ac', 'bd', 'cd'))).toEqual([])
  expect(cyclesOf(graphOf('aa'))).toEqual([])
})

test('two nodes are in one cycle exactly when each reaches the other', () => {
  const edge = fc.stringMatching(/^[a-f]{2}$/)
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 12 }), (edges) => {
      const graph = graphOf(...edges)
      const reaches = (from: string, to: string) => reachableFrom([from], graph).has(to)
      const cycles = cyclesOf(graph)
      for (const a of 'abcdef') {
        for (const b of 'abcdef') {
          if (a === b) continue
          const isTogether = cycles.some((each) => each.includes(a) && each.includes(b))
          expect(isTogether).toBe(reaches(a, b) && reaches(b, a))
        }
      }
    }),
  )
})

function graphOf(...edges: string[]): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>()
  for (const [from = '', to = ''] of edges) {
    graph.set(from, (graph.get(from) ?? new Set()).add(to))
  }
  return graph
}
