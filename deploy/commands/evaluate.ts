import { type Command, Option } from 'commander'
import { placeboDayKinds } from '../../schemas/baseline/evaluateMethod.ts'
import type { EvaluateBaselineParameters } from './evaluateFile.ts'
import { answer, type OutputOptions, withJson } from './output.ts'
import { withProfileFlags } from './profileFlags.ts'

/** `evaluate baseline`: how far off a method is on the user's own data, without a server. */
export function addEvaluateCommands(program: Command): void {
  const evaluate = program
    .command('evaluate')
    .description('measure methods on your own readings')
    .addHelpText(
      'after',
      '\nExample:\n  wattproof evaluate baseline --input wide.csv --event-hours 16-20',
    )
  const baseline = evaluate
    .command('baseline')
    .description('the error of baseline methods on days without an event')
    .requiredOption('--input <file>', 'readings, as `ingest` reads them (.gz too)')
    .requiredOption('--event-hours <hours>', 'of the local day, such as 16-20 or 16:30-18')
    .option('--methods <ids>', 'separated by commas, or all', 'all')
    .addOption(
      new Option('--days <days>', 'which act as events: weekdays without holidays, the others, all')
        .choices(placeboDayKinds)
        .default('working'),
    )
    .addOption(
      new Option('--group <group>', 'all: add the series up, as a portfolio').choices(['all']),
    )
    .option('--exclude-days <file>', 'local dates that had an event, one a row')
    .option('--holidays <file>', 'local dates that are holidays, one a row')
    .addHelpText(
      'after',
      '\nExample:\n  wattproof evaluate baseline --input wide.csv.gz --event-hours 16-20 ' +
        '--group all --unit kwh --zone Europe/London',
    )
  withProfileFlags(withJson(baseline)).action(
    async (options: OutputOptions & EvaluateBaselineParameters) => {
      const { describeEvaluated, evaluateBaseline } = await import('./evaluateFile.ts')
      const document = await evaluateBaseline(options)
      answer(options, document, () => describeEvaluated(document))
    },
  )
}
