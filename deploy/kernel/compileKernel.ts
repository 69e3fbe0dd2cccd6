import { readFileSync } from 'node:fs'
import path from 'node:path'
import asc from 'assemblyscript/asc'
import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import { projectRoot } from '../process/runtime.ts'

const folder = path.join(projectRoot, 'speed/kernel/assembly')
const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory']

/** Compiles `speed/kernel/assembly`, without network; returns the text of `kernelBytes.ts`. */
export async function compileKernel(): Promise<string> {
  let bytes: Uint8Array | null = null
  const args = ['kernel.ts', '--outFile', 'kernel.wasm', ...flags, '--use', 'abort=']
  const { error, stderr } = await asc.main(args, {
    readFile: (name) => {
      // The compiler wants `.ts`, which AssemblyScript is not.
      const source = path.join(folder, name.replace(/\.ts$/, '.as'))
      try {
        return readFileSync(source, 'utf8')
      } catch {
        return null
      }
    },
    writeFile: (_, content) => {
      bytes = content as Uint8Array
    },
    listFiles: () => [],
  })
  if (error || bytes === null) throw new InvariantError(`The kernel does not compile: ${stderr}`)
  return textOf(bytes)
}

function textOf(bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .match(/.{1,88}/g)!
  return `// Written by \`npm run kernel\` from \`assembly/\`: do not edit.

/** The kernel's WebAssembly, base64. */
export const kernelBytes = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('')
`
}
