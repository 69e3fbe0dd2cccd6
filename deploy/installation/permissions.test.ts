import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { checkPermissions } from '../commands/doctor.ts'
import { closeToOthers, listExposed, listForeign } from './permissions.ts'

const folder = () => fs.mkdtempSync(path.join(os.tmpdir(), 'wattproof-permissions-'))

function put(dir: string, file: string, mode: number): void {
  fs.mkdirSync(path.dirname(path.join(dir, file)), { recursive: true, mode: 0o755 })
  fs.writeFileSync(path.join(dir, file), '')
  fs.chmodSync(path.join(dir, file), mode)
}

function modeOf(dir: string, entry: string): string {
  return (fs.statSync(path.join(dir, entry)).mode & 0o777).toString(8)
}

test('what is open to others is listed and closed; the rest keeps its mode', () => {
  const dir = folder()
  fs.chmodSync(dir, 0o755)
  put(dir, 'token', 0o644)
  put(dir, 'secret', 0o400)
  put(dir, 'chain/chain.json', 0o666)
  put(dir, 'chain/deep/file', 0o600)
  put(dir, 'engines.json.17.new', 0o604)
  const exposed = ['.', 'chain', 'chain/chain.json', 'chain/deep', 'engines.json.17.new', 'token']
  expect(listExposed(dir).sort()).toEqual(exposed)
  expect(closeToOthers(dir)).toEqual([])
  expect([...exposed, 'secret', 'chain/deep/file'].map((each) => modeOf(dir, each))).toEqual([
    ...['700', '700', '600', '700', '600', '600', '400', '600'],
  ])
})

test('files of the user in the same folder are left alone', () => {
  const dir = folder()
  put(dir, 'history.csv', 0o644)
  put(dir, 'src/index.ts', 0o755)
  expect(closeToOthers(dir)).toEqual([])
  expect([modeOf(dir, 'history.csv'), modeOf(dir, 'src/index.ts')]).toEqual(['644', '755'])
})

test('links are not followed', () => {
  const [dir, other] = [folder(), folder()]
  put(other, 'file', 0o644)
  fs.symlinkSync(other, path.join(dir, 'log'))
  fs.symlinkSync(path.join(other, 'file'), path.join(dir, 'token'))
  expect(closeToOthers(dir)).toEqual([])
  expect(modeOf(other, 'file')).toBe('644')
})

test('a folder that all users write to is refused, and left as it is', () => {
  const dir = folder()
  fs.chmodSync(dir, 0o1777)
  expect(() => closeToOthers(dir)).toThrow(`${dir} is shared by all users of this machine`)
  expect(fs.statSync(dir).mode & 0o7777).toBe(0o1777)
})

test.runIf(process.getuid?.() === 0)(
  'what belongs to another user is found, whatever its mode',
  () => {
    const dir = folder()
    put(dir, 'secret', 0o600)
    put(dir, 'log/data.mdb', 0o600)
    put(dir, 'history.csv', 0o600)
    fs.symlinkSync('/dev/null', path.join(dir, 'token'))
    expect(closeToOthers(dir)).toEqual([])
    expect(listForeign(dir)).toEqual([])
    for (const entry of ['secret', 'log/data.mdb', 'history.csv', 'token']) {
      fs.lchownSync(path.join(dir, entry), 65_534, 65_534)
    }
    expect(listExposed(dir)).toEqual([])
    expect(listForeign(dir).sort()).toEqual(['log/data.mdb', 'secret', 'token'])
    expect(checkPermissions({ dir })).toMatchObject({
      state: 'bad',
      sentence: expect.stringContaining('another user owns'),
    })
  },
)
