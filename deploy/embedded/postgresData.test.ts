import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import {
  at,
  expectMadeAnew,
  isCopied,
  startEmbeddedOnce,
  useTemplates,
} from '../testing/postgresTemplates.ts'

useTemplates()

test('a new folder copies the template', async () => {
  const data = await startEmbeddedOnce(at)
  expect(isCopied(data)).toBe(true)
  expect(fs.existsSync(path.join(data, 'template.files'))).toBe(false)
  expect(fs.readdirSync(at.root).sort()).toEqual(['postgres', 'template'])
})

test('a template that lacks a file is made anew, and the folder without it', () =>
  expectMadeAnew((template) => fs.rmSync(path.join(template, 'global/pg_control'))))
