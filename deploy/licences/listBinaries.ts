import fs from 'node:fs'
import path from 'node:path'

const binary = /\.(node|dll|dylib|exe|so(\.\d+)*)$/
/** A program has no ending: ELF, Mach-O of one or of several architectures. */
const magics = ['7f454c46', 'cffaedfe', 'cafebabe']

/** The installed packages with machine code in their files. */
export function listBinaries(folder: string): string[] {
  const found = new Set<string>()
  for (const file of listFiles(folder)) {
    const name = path.basename(file)
    const isBinary = binary.test(name) || (!name.includes('.') && magics.includes(magicOf(file)))
    const inside = path.relative(folder, file).replaceAll(path.sep, '/')
    if (isBinary) found.add(packageOf(inside))
  }
  return [...found].sort()
}

/** All files of packages, and none of `.cache`, which changes while it is read. */
function listFiles(folder: string): string[] {
  const packages = fs.readdirSync(folder).filter((name) => !name.startsWith('.'))
  return packages.flatMap((name) =>
    fs
      .readdirSync(path.join(folder, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name)),
  )
}

/** `a/node_modules/@b/c/bin/d` is of `@b/c`. */
function packageOf(file: string): string {
  const [first = '', second = ''] = (file.split('node_modules/').at(-1) ?? '').split('/')
  return first.startsWith('@') ? `${first}/${second}` : first
}

function magicOf(file: string): string {
  const handle = fs.openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(4)
    fs.readSync(handle, bytes)
    return bytes.toString('hex')
  } finally {
    fs.closeSync(handle)
  }
}
