import { isBuiltin } from 'node:module'
import { asksOutside, isPureBuiltin } from './outside.ts'
import { type Check, finding, type Source } from './source.ts'

/**
 * Values in, values out: the formulas of the project. Code that calls a port, keeps a file or waits
 * is a process and belongs elsewhere. A file by itself is listed where its folder is not pure.
 */
export const pureFolders = [
  'schemas',
  'schemas/baseline',
  'schemas/deviation',
  'schemas/errors',
  'schemas/meter',
  'schemas/reading',
  'schemas/sql',
  'schemas/sql/catalogue',
  'schemas/tree',
  'speed/deviation',
  'speed/ingest',
  'speed/kernel',
  'speed/ingest/body',
  'speed/ingest/profile',
  'speed/ingest/register',
  'speed/ingest/table',
  'speed/microbatch',
  'speed/publish',
  'batch/backtest',
  'batch/history',
  'batch/jobs/jobs.ts',
  'batch/schedule/dirtyJob.ts',
  'batch/schedule/nextJobs.ts',
  'batch/schedule/noteArrived.ts',
  'batch/schedule/planTurn.ts',
  'batch/training',
  'serving/merge',
  'serving/pages/view',
  'serving/settlement',
  'serving/settlement/bundle',
  'serving/shapes',
]

const portsFolder = 'schemas/ports'

/**
 * A pure folder imports no port and no impure folder, no Node module with side effects, and uses
 * neither time nor randomness nor the environment. Ports are interfaces; the records they exchange
 * are type aliases beside them, which a pure folder may import, as it may data in JSON.
 */
export const purity: Check = (sources) => {
  const records = recordsOfPorts(sources)
  return sources
    .filter((each) => isAmong(pureFolders, each.path) && !each.isTest)
    .flatMap((source) => impurities(source, pureFolders, records))
}

/** A listed folder or file that no longer exists would check nothing. */
export const pureFoldersExist: Check = (sources) => {
  const known = new Set(sources.flatMap((each) => [each.folder, each.path]))
  return pureFolders
    .filter((each) => !known.has(each))
    .map((each) => `${each}:1: error: is declared pure in deploy/tidy/purity.ts and does not exist`)
}

/** A folder of a layer that happens to be pure is listed, so that it stays pure. */
export const pureFoldersDeclared: Check = (sources) => {
  const records = recordsOfPorts(sources)
  const own = sources.filter((each) => !each.isTest && !['deploy', 'contracts'].includes(each.room))
  return [...new Set(own.map((each) => each.folder))]
    .filter((folder) => folder !== portsFolder && !pureFolders.includes(folder))
    .filter((folder) =>
      own
        .filter((each) => each.folder === folder)
        .every((each) => impurities(each, [...pureFolders, folder], records).length === 0),
    )
    .map((each) => `${each}:1: error: is pure; declare it in deploy/tidy/purity.ts`)
}

function isAmong(pure: readonly string[], file: string): boolean {
  return pure.includes(file) || pure.includes(file.slice(0, file.lastIndexOf('/')))
}

/** `schemas/ports/log.ts#LogProgress`: what ports exchange, apart from the ports themselves. */
function recordsOfPorts(sources: readonly Source[]): ReadonlySet<string> {
  const ports = sources.filter(({ folder }) => folder === portsFolder)
  return new Set(
    ports.flatMap(({ path, program }) =>
      program.body.flatMap((node) =>
        node.type === 'ExportNamedDeclaration' &&
        node.declaration?.type === 'TSTypeAliasDeclaration'
          ? [`${path}#${node.declaration.id.name}`]
          : [],
      ),
    ),
  )
}

function impurities(
  source: Source,
  pure: readonly string[],
  records: ReadonlySet<string>,
): string[] {
  const imports = source.imports.flatMap(({ target, isOurs, names, offset }) => {
    const isRecord = names !== 'all' && names.every((each) => records.has(`${target}#${each}`))
    const isWrong = isOurs
      ? !isAmong(pure, target) && !isRecord && !target.endsWith('.json')
      : isBuiltin(target) && !isPureBuiltin(target)
    return isWrong ? [finding(source, offset, `a pure folder imports ${target}`)] : []
  })
  const asked = asksOutside(source).map(({ what, offset }) =>
    finding(source, offset, `a pure folder asks ${what}`),
  )
  return [...imports, ...asked]
}
