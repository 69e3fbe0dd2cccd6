import fs from 'node:fs'
import path from 'node:path'

const projectRoot = path.resolve(import.meta.dirname, '../..')
const rooms = ['schemas', 'speed', 'batch', 'serving', 'deploy', 'contracts']

/**
 * What a test says that changes or watches its own process: it stubs, or calls more of `process`
 * than what only reads or names another process. Engines that it starts are processes of their own.
 */
const ownsProcess = /\bvi\.(?!waitFor\b)|\bprocess\.(?!(env|execPath|getuid|kill|pid)\b)\w/

/**
 * The files of `npm test`: those that own their process, and those that can share one, which then
 * starts once and imports each module once.
 */
export function listFastFiles(): { readonly alone: string[]; readonly shared: string[] } {
  const files = rooms
    .flatMap((room) =>
      fs
        .readdirSync(path.join(projectRoot, room), { recursive: true, encoding: 'utf8' })
        .map((each) => `${room}/${each.replaceAll(path.sep, '/')}`),
    )
    .filter((each) => each.endsWith('.test.ts') && !/\.(full|soak)\.test\.ts$/.test(each))
    .sort()
  const isAlone = (file: string) =>
    ownsProcess.test(fs.readFileSync(path.join(projectRoot, file), 'utf8'))
  return { alone: files.filter(isAlone), shared: files.filter((each) => !isAlone(each)) }
}
