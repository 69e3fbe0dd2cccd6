import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../process/runtime.ts'
import { listSoakFiles } from './files.ts'

const ownTime = /^\s*\}, [\d_]+\)$/m

test('no property has a time of its own, in which a soak could not try it a hundred times', () => {
  const timed = Object.values(listSoakFiles())
    .flat()
    .map((name) => ({ name, text: fs.readFileSync(path.join(projectRoot, name), 'utf8') }))
    .filter(({ text }) => /from 'fast-check'/.test(text) && ownTime.test(text))
  expect(timed.map(({ name }) => name)).toEqual([])
})
