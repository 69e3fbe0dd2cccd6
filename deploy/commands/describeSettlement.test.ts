import { expect, test } from 'vitest'
import type { SettlementBody } from '../../serving/shapes/settlement.ts'
import { describeSettlement } from './describeSettlement.ts'

const hash = `0x${'ab'.repeat(32)}`
const account = `0x${'11'.repeat(20)}`
const line = {
  ...{ index: 0, pseudonym: hash, meter: 'MAC000005', account, deliveredMwh: 20_000 },
  ...{ deficiencyMwh: 1_500_000, incentiveMicros: 11_465, feeMicros: 0, payMicros: 11_465 },
  ...{ debtAfterMicros: 0, entitledMicros: 11_465, detailHash: hash },
}
const settlement: SettlementBody = {
  ...{ id: 'my-event', revision: 1, state: 'proposed', isFinal: false, period: 3 },
  currency: 'GBP',
  asOf: { baselines: [3], readings: [5] },
  header: {
    ...{ eventHash: hash, revision: 1, root: hash, inputsRoot: hash, baselinesRoot: hash },
    ...{ speedRoot: hash, leafCount: 1, totalPay: 11_465, totalFee: 0, termsHash: hash },
  },
  totals: {
    ...{ payees: 1, deliveredMwh: 20_000, deficiencyMwh: 1_500_000, incentiveMicros: 11_465 },
    ...{ feeMicros: 0, payMicros: 11_465, debtAfterMicros: 0 },
  },
  lines: [line],
}

test('a settlement is two sentences and its lines, in kWh and money', () => {
  expect(describeSettlement(settlement, null).split('\n')).toEqual([
    'my-event is proposed: it pays 0.011465 GBP in 1 line; 0.020 kWh delivered, 1.500 kWh short.',
    `Settlement 3 on chain; its root is ${hash}.`,
    '',
    `meter      delivered kWh  short kWh   fee GBP   pay GBP  account`,
    `MAC000005          0.020      1.500  0.000000  0.011465  ${account}`,
  ])
})

test('the warning of its event comes before the lines', () => {
  const [, , warned] = describeSettlement(settlement, '1 of 5 sites have no reading').split('\n')
  expect(warned).toBe('1 of 5 sites have no reading')
})

test('amounts beyond 2^53 are exact; without the token it says how to see the lines', () => {
  const { lines: _, ...rest } = settlement
  const header = { ...settlement.header, totalPay: '12345678901234567890' }
  const text = describeSettlement({ ...rest, period: null, totals: null, header }, null)
  expect(text).toContain(
    'it pays 12345678901234.567890 GBP in 1 line.\nNot yet on chain; its root is 0x',
  )
  expect(text).toContain('The lines need the token')
})
