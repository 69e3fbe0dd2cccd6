import { causes } from './causes.ts'
import { columns } from './columns.ts'
import { fileCycles, folderCycles } from './cycles.ts'
import { fileLength } from './fileLength.ts'
import { functionLength } from './functionLength.ts'
import { importsAreNamed, layers, testingStaysOut } from './layers.ts'
import { leftovers, merged } from './leftovers.ts'
import { documentedOrder } from './order.ts'
import { clockAndChance, environment } from './outside.ts'
import { parameters } from './parameters.ts'
import { pureFoldersDeclared, pureFoldersExist, purity } from './purity.ts'
import { readmes, readmesFitTheTree } from './readmes.ts'
import { sentences } from './sentences.ts'
import type { Check } from './source.ts'
import { timeLimits } from './timeLimits.ts'
import { orphans, unusedExports } from './usage.ts'
import { settlementNumbers, words } from './words.ts'

/** Every rule, named by the sentence it enforces. */
export const checks: Readonly<Record<string, Check>> = {
  'lines fit in 100 columns': columns,
  'nothing is left over': leftovers,
  'nothing is left of a merge': merged,
  'files are short': fileLength,
  'functions are short': functionLength,
  'functions take three parameters or one object': parameters,
  'layers meet in the log and the views': layers,
  'imports name their module': importsAreNamed,
  'nothing rests on what is for tests': testingStaysOut,
  'files import one another without a cycle': fileCycles,
  'folders import one another without a cycle': folderCycles,
  'folders import in the order that is documented': documentedOrder,
  'pure folders are pure': purity,
  'declared pure folders exist': pureFoldersExist,
  'pure folders are declared': pureFoldersDeclared,
  'time and chance are given': clockAndChance,
  'one file reads the environment': environment,
  'refusals are made from data': sentences,
  'refusals keep their cause': causes,
  'every file is reached': orphans,
  'every exported name is imported': unusedExports,
  'every folder has a README': readmes,
  'READMEs fit the tree': readmesFitTheTree,
  'tests have no tight time limit': timeLimits,
  'words are those of the trade': words,
  'settlement numbers are called that': settlementNumbers,
}
