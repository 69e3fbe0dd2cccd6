import { address, hash, oneOf, text, whole } from '../columns.ts'
import { defineQuery } from '../defineQuery.ts'

/** Internal queries of engines and `migrate`. */
export const storeQueries = {
  applied_migrations: defineQuery({
    parameters: {},
    columns: { name: text, checksum: text },
  }),

  unfinished_copies: defineQuery({
    parameters: {},
    columns: { name: text },
  }),

  running_copies: defineQuery({
    parameters: {},
    columns: { copies: whole },
  }),

  transactions_of: defineQuery({
    parameters: { sender: 'String' },
    columns: {
      once: text,
      version: whole,
      sender: address,
      nonce: whole,
      contract: text,
      method: text,
      raw: text,
      hash,
      state: oneOf(['pending', 'mined', 'failed', 'replaced', 'refused']),
      block: whole,
      gasUsed: whole,
    },
  }),
}
