/** Codes of ESPI (NAESB REQ.21), of which those of energy are named; others keep their number. */
export const units: Readonly<Record<string, string>> = {
  38: 'W',
  61: 'VA',
  63: 'var',
  71: 'VAh',
  72: 'Wh',
  73: 'varh',
  119: 'ft3',
  42: 'm3',
  169: 'therm',
}

/** As the customer sees it: forward is delivered by the grid. */
export const flows: Readonly<Record<string, string>> = {
  1: 'import',
  4: 'net',
  19: 'export',
  20: 'total',
}

export const accumulations: Readonly<Record<string, string>> = {
  1: 'bulk',
  3: 'cumulative',
  4: 'delta',
  6: 'indicating',
  9: 'summation',
  12: 'instantaneous',
}

export const qualities: Readonly<Record<string, string>> = {
  0: 'valid',
  7: 'manually-edited',
  8: 'estimated',
  9: 'estimated',
  10: 'questionable',
  11: 'derived',
  12: 'projected',
  13: 'mixed',
  14: 'raw',
  15: 'normalized',
  16: 'other',
  17: 'validated',
  18: 'verified',
  19: 'revenue-quality',
}
