import type { Command } from 'commander'
import type { VerifyBundleReturnType } from '../../serving/settlement/bundle/verifyBundle.ts'
import { pathPart } from '../client/pathPart.ts'
import { chainUrlOf, readContracts } from '../installation/addresses.ts'
import type { Config } from '../installation/config.ts'
import { checkInstalled } from '../installation/secrets.ts'
import { readAddress, refuseWithout } from './flags.ts'
import { readLocalJson } from './localFiles.ts'
import { answer, type OutputOptions, withJson } from './output.ts'
import { clientOf, configOf, type PlaceOptions, runningConfigOf, withPlace } from './settings.ts'

type Place = PlaceOptions & OutputOptions

type Options = OutputOptions & {
  /** True without a URL. */
  readonly rpc?: string | true
  readonly anchor?: string
  readonly dir?: string
}

/** `bundle EVENT METER`, and `verify BUNDLE.json`, which needs no server and trusts nobody. */
export function addVerifyCommand(program: Command): void {
  const bundle = program
    .command('bundle <event> <meter>')
    .description('the proof bundle of a meter and a settled event, for `verify`')
    .addHelpText('after', '\nExample:\n  wattproof bundle high-2013-02-11 MAC000005 > bundle.json')
  withPlace(withJson(bundle)).action(async (event: string, meter: string, options: Place) => {
    const document = await clientOf(options).get(
      `/meters/${pathPart(meter)}/bundles/${pathPart(event)}`,
    )
    answer(options, document, () => JSON.stringify(document, null, 2))
  })
  const verify = program
    .command('verify <bundle>')
    .description('check a proof bundle: offline, and with --rpc against the chain')
    .option(
      '--rpc [url]',
      'JSON-RPC of the chain (default: of the installation that is up): also checks header, ' +
        'commitment, stakes and vault',
    )
    .option(
      '--anchor <address>',
      'the SettlementAnchor you trust (default: the one deployed from DIR)',
    )
    .option('--dir <dir>', 'folder of an installation whose anchor you trust')
    .addHelpText('after', '\nExample:\n  wattproof verify bundles/high-2013-02-11-MAC000005.json')
  withJson(verify).action(async (file: string, options: Options) => {
    refuseWithout(options, { anchor: 'rpc', dir: 'rpc' })
    if (options.anchor !== undefined) readAddress('--anchor', options.anchor)
    if (options.dir !== undefined) checkInstalled(configOf(options).dir)
    const verdict = await checkBundle(readLocalJson(file), options)
    answer(options, verdict, () => describeChecks(verdict))
    if (!verdict.ok) process.exitCode = 1
  })
}

/** Each check on a line, and the verdict. */
export function describeChecks({ checks, sentence }: VerifyBundleReturnType): string {
  const lines = checks.map((each) => `${each.ok ? 'ok ' : 'NO '} ${each.sentence}`)
  // What is no bundle at all has one check, whose sentence is the verdict.
  const isSaid = checks.some((each) => each.sentence === sentence)
  return (isSaid ? lines : [...lines, sentence]).join('\n')
}

async function checkBundle(bundle: unknown, options: Options) {
  // Loaded here: other commands do not need the chain library.
  const { checkOffLine, checkOnChain } = await import('../client/checkBundle.ts')
  if (!options.rpc) return checkOffLine(bundle)
  const place = options.dir === undefined ? {} : { dir: options.dir }
  const config = options.rpc === true ? runningConfigOf(place) : configOf(place)
  const found = options.anchor ?? readContracts(config)?.SettlementAnchor
  const anchor = found === undefined ? null : readAddress('--anchor', found)
  return checkOnChain(bundle, { rpc: chainAt(options.rpc, config), anchor })
}

function chainAt(rpc: string | true, config: Config): string {
  if (rpc !== true) return rpc
  if (config.chainUrl === null) checkInstalled(config.dir)
  return chainUrlOf(config)
}
