import { text } from 'node:stream/consumers'
import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import { askHttp, httpPlaceOf } from '../sockets/httpPlace.ts'

/** Posts a text as it is to an engine, with user and password of its URL. @returns the answer. */
export async function postTo(url: string, body: string): Promise<string> {
  const { username, password, pathname, search } = new URL(url)
  const answer = await askHttp(httpPlaceOf(new URL(url))!, {
    ...{ method: 'POST', path: `${pathname || '/'}${search}`, body },
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    signal: AbortSignal.timeout(600_000),
  })
  const said = await text(answer)
  if (answer.statusCode !== 200) throw new InvariantError(said)
  return said
}
