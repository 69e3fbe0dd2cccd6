import { expect, test } from 'vitest'
import { profileOf } from './readProfileFlags.ts'

test('fields within fields are pairs', () => {
  const flags = {
    columns: 'start=Horodate,value=Valeur (=kWh)',
    flow: 'A+=import,A-=export',
    quality: '0=measured, 1=fill,9=void',
    registerDigits: '6',
    registerReset: '2024-03-05T10:00Z/2024-03-05T11:00Z',
  }
  expect(profileOf(flags)).toEqual({
    columns: { start: 'Horodate', value: 'Valeur (=kWh)' },
    flow: { 'A+': 'import', 'A-': 'export' },
    quality: { 0: { quality: 'measured' }, 1: { standing: 'fill' }, 9: { void: true } },
    register: { digits: 6, reset: { from: '2024-03-05T10:00Z', to: '2024-03-05T11:00Z' } },
  })
})

test('of a built-in profile they are added to its own', () => {
  expect(profileOf({ profile: 'nem12', quality: 'V=estimated' }).quality).toMatchObject({
    A: { quality: 'measured' },
    V: { quality: 'estimated' },
  })
})

test.each([
  [{ columns: 'Horodate' }, 'columns: "Horodate" is not ROLE=NAME'],
  [{ flow: 'A+' }, 'flow: "A+" is not WORD=import'],
  [{ meters: 'Main Panel' }, 'meters: "Main Panel" is not NAME=METER'],
  [{ meters: 'Main Panel=a b' }, 'meters.Main Panel: '],
  [{ flow: 'A+=up' }, 'flow.A+: "up" is none of import, export'],
  [{ quality: '0=good' }, 'quality.0.quality: "good" is none of measured, substituted, estimated'],
  [{ registerDigits: 'six' }, 'register.digits'],
  [{ registerReset: '2024-03-05' }, 'register.reset: "2024-03-05" is not FROM/TO'],
])('%j is refused', (flags, sentence) => {
  expect(() => profileOf(flags)).toThrow(sentence)
})
