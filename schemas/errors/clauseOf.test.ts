import { expect, test } from 'vitest'
import { ChainUnreachableError } from './chain.ts'
import { ChainBusyError } from './embeddedAnvil.ts'
import { InstallationSilentError } from './validator.ts'

test('a reason that is a sentence ends the sentence about it once', () => {
  const origin = 'http://127.0.0.1:8545'
  const reason = new ChainBusyError({ running: 2 }).message
  const errors = [
    new ChainUnreachableError({ origin, reason }, null),
    new InstallationSilentError({ origin, reason }),
    new ChainUnreachableError({ origin, reason: 'connect ECONNREFUSED' }, null),
  ]
  for (const { message } of errors) expect(message).toMatch(/[^.]\.$/)
})
