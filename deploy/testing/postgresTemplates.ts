import fs from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest'
import { startEmbeddedPostgres } from './startPostgres.ts'
import { copyWhole, postgresRoot, queryPostgres } from './testPostgres.ts'

export const templatePassword = "it's mine"

/** The folder of each test, with a template that records when it was copied. */
export const at = { root: '', template: '', kept: '' }

/** Call it once in a test file. */
export function useTemplates(): void {
  beforeAll(async () => {
    at.kept = path.join(postgresRoot(), 'template')
    await startEmbeddedOnce({ template: at.kept })
    expect(fs.existsSync(at.kept)).toBe(true)
  })
  afterAll(() => fs.rmSync(path.dirname(at.kept), { recursive: true }))

  beforeEach(() => {
    at.root = postgresRoot()
    at.template = path.join(at.root, 'template')
    copyWhole(at.kept, at.template)
    markTemplate(at.template)
  })
  afterEach(() => fs.rmSync(at.root, { recursive: true, force: true, maxRetries: 5 }))
}

/** So that a start that initialises again is noticed. */
function markTemplate(template: string): void {
  fs.appendFileSync(path.join(template, 'postgresql.conf'), '# copied\n')
  const list = path.join(template, 'template.files')
  const size = fs.statSync(path.join(template, 'postgresql.conf')).size
  const text = fs.readFileSync(list, 'utf8').replace(/^\d+ postgresql.conf$/m, '')
  const lines = [...text.split('\n').filter(Boolean), `${size} postgresql.conf`]
  fs.writeFileSync(list, `${lines.sort().join('\n')}\n`)
}

export function isCopied(data: string): boolean {
  return fs.readFileSync(path.join(data, 'postgresql.conf'), 'utf8').includes('# copied')
}

/** A start with this damage done to its template makes both anew. */
export async function expectMadeAnew(damage: (template: string) => void): Promise<void> {
  const { template, root } = at
  damage(template)
  const data = await startEmbeddedOnce({ template })
  expect(isCopied(data)).toBe(false)
  expect(fs.readdirSync(root).sort()).toEqual(['postgres', 'template'])
  expect(fs.statSync(template).mode & 0o777).toBe(0o700)
  expect(fs.existsSync(path.join(template, 'global/pg_control'))).toBe(true)
  expect(fs.readFileSync(path.join(template, 'postgresql.conf'), 'utf8')).not.toContain('copied')
}

type Start = { readonly template: string; readonly name?: string; readonly hangs?: boolean }

/** @returns the folder with the data; a new template is waited for unless its disk hangs. */
export async function startEmbeddedOnce(start: Start): Promise<string> {
  const { template, name = 'postgres', hangs } = start
  const dir = path.join(path.dirname(template), name)
  const server = await startEmbeddedPostgres({ dir, password: templatePassword, template })
  expect(await queryPostgres(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  const isMaking = () => !hangs && fs.existsSync(`${template}.new`)
  await vi.waitFor(() => expect(isMaking()).toBe(false), 20_000)
  await server.stop()
  return path.join(dir, 'data')
}
