import { expect, test } from 'vitest'
import { catalogue } from '../../schemas/sql/catalogue/catalogue.ts'
import { viewCatalogue } from './viewCatalogue.ts'

const kinds: Readonly<Record<string, readonly string[]>> = {
  String: ['text'],
  Bool: ['boolean'],
  UInt8: ['integer'],
  UInt32: ['integer'],
  Int64: ['integer'],
  Float32: ['number'],
  // Whole numbers and instants are cast to doubles, which hold them exactly.
  Float64: ['number', 'integer', 'instant'],
}

test('a view shows columns of its query, with their types', () => {
  for (const view of viewCatalogue) {
    const columns: Readonly<Record<string, { type: string }>> = catalogue[view.query].columns
    for (const { source, kind, isNullable } of view.columns) {
      const [, inner, plain] =
        /^(?:Nullable\((\w+)\)|(\w+))$/.exec(columns[source]?.type ?? '') ?? []
      const name = `${view.name}.${source}`
      expect(kinds[inner ?? plain ?? ''], name).toContain(kind)
      expect(isNullable || inner === undefined, name).toBe(true)
    }
  }
})

test('a view takes the parameters its query has', () => {
  for (const view of viewCatalogue) {
    const taken = Object.keys(catalogue[view.query].parameters)
    const asked = view.parameters.map((each) => {
      if (each === 'from' || each === 'to') return `${each}_ms`
      // Which meters a group or a name means is looked up first.
      const isListed = view.query === 'counting_readings' && each !== 'event'
      return isListed ? 'meters' : each
    })
    expect(taken, view.name).toEqual(expect.arrayContaining(asked))
  }
})
