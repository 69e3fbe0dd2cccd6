import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { projectRoot } from '../process/runtime.ts'
import { compileKernel } from './compileKernel.ts'

/** `npm run kernel`: after a change in `speed/kernel/assembly`; commit what it writes. */
writeFileSync(path.join(projectRoot, 'speed/kernel/kernelBytes.ts'), await compileKernel())
