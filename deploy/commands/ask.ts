import type { Command } from 'commander'
import { toJson } from '../../schemas/units.ts'
import type { AskBaselineParameters } from './askFiles.ts'
import { answer, asWrongUse, type OutputOptions, wholeNumber, withJson } from './output.ts'
import { withProfileFlags } from './profileFlags.ts'

type BaselineOptions = OutputOptions & AskBaselineParameters
type MerkleOptions = OutputOptions & { readonly input: string; readonly index?: number }

/** Commands that work on the user's own files with the pipeline's code; no server, no engine. */
export function addAskCommands(program: Command): void {
  const baseline = program
    .command('baseline')
    .description('the baseline of each series of a file for one event')
    .requiredOption('--method <id>', 'such as caiso-10-in-10')
    .requiredOption('--input <file>', 'readings, as `ingest` reads them (.gz too)')
    .requiredOption('--event <interval>', 'start and duration, 2021-02-10T16:00Z/PT4H')
    .option('--exclude-days <file>', 'local dates that are not ordinary days, one a row')
    .option('--holidays <file>', 'local dates that are holidays, one a row')
    .option('--temperature <file>', 'of the site, for a method that uses it; stamps in --zone')
    .addHelpText(
      'after',
      '\nExample:\n  wattproof baseline --method caiso-10-in-10 --input wide.csv.gz ' +
        '--event 2013-02-11T17:00Z/PT3H --unit kwh --zone Europe/London',
    )
  withProfileFlags(withJson(baseline)).action(async (options: BaselineOptions) => {
    const { askBaseline } = await import('./askFiles.ts')
    const document = await askBaseline(options)
    answer(options, document, () => toJson(document, 2))
  })

  const merkle = program
    .command('merkle')
    .description('OpenZeppelin standard-v1 trees')
    .addHelpText('after', '\nExample:\n  wattproof merkle root --input leaves.json')
  const root = merkle
    .command('root')
    .description('the root of leaves')
    .requiredOption('--input <file>', 'JSON: an array of leaves, each an array of ABI words')
    .addHelpText('after', '\nExample:\n  wattproof merkle root --input leaves.json')
  withJson(root).action(async (options: MerkleOptions) => {
    const { askTree } = await import('./askFiles.ts')
    const tree = askTree(options.input)
    answer(options, { root: tree.root, leaves: tree.leaves.length }, () => tree.root)
  })
  const prove = merkle
    .command('prove')
    .description('the proof of each leaf, or of one')
    .requiredOption('--input <file>', 'JSON: an array of leaves, each an array of ABI words')
    .option('--index <number>', 'only this one, from 0', wholeNumber('--index'))
    .addHelpText('after', '\nExample:\n  wattproof merkle prove --input leaves.json --index 3')
  withJson(prove).action(async (options: MerkleOptions) => {
    const { askTree } = await import('./askFiles.ts')
    const tree = askTree(options.input)
    const indexes = options.index === undefined ? [...tree.leaves.keys()] : [options.index]
    const proofs = indexes.map((index) => {
      const proof = asWrongUse(() => tree.proofOf(index))
      return { index, leaf: tree.leaves[index], proof }
    })
    const document = { root: tree.root, proofs }
    answer(options, document, () => JSON.stringify(document, null, 2))
  })
}
