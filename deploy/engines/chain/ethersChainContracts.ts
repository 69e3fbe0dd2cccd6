import {
  type ErrorFragment,
  Interface,
  type InterfaceAbi,
  type ParamType,
  type Result,
} from 'ethers'
import {
  ContractRefusesError,
  NoInterfaceError,
  NoMethodError,
  type RpcError,
} from '../../../schemas/errors/chain.ts'
import type { InvalidArgumentError } from '../../../schemas/errors/wattproofError.ts'
import type { ContractCall, ContractEvent, ContractName } from '../../../schemas/ports/chain.ts'
import type { RawLog } from './ethersChainAnswers.ts'

/** A contract's interface from `contracts/abi/*.ts`. */
export type ContractArtifact = { readonly abi: InterfaceAbi; readonly bytecode: string }
export type Artifacts = Readonly<Partial<Record<ContractName, ContractArtifact>>>

export type Contracts = {
  encode(call: ContractCall): string
  decode(call: ContractCall, data: string): unknown
  encodeDeploy(name: ContractName, args: readonly unknown[]): string
  /** Null for a log of an event that is not in the interface. */
  parseLog(name: ContractName, log: RawLog): ContractEvent | null
  /** A revert as the caller's fault, with name and arguments of the custom error. */
  explain(call: Pick<ContractCall, 'contract' | 'method'>, error: RpcError): InvalidArgumentError
}

/** Encodes and decodes for contracts by name; integers are bigint, addresses lower case. */
export function openContracts(artifacts: Artifacts): Contracts {
  // Made when first used: each hashes all its names, and a validator uses three of seven.
  const interfaces = new Map<ContractName, Interface>()
  let errors: Interface | undefined
  const find = (name: ContractName) => {
    const artifact = artifacts[name]
    if (!artifact) throw new NoInterfaceError({ contract: name })
    const found = interfaces.get(name) ?? new Interface(artifact.abi)
    interfaces.set(name, found)
    return found
  }
  const method = (call: ContractCall) => {
    const fragment = find(call.contract).getFunction(call.method)
    if (fragment) return fragment
    throw new NoMethodError({ contract: call.contract, method: call.method })
  }
  return {
    encode: (call) => find(call.contract).encodeFunctionData(method(call), call.args),
    decode(call, data) {
      const fragment = method(call)
      const result = find(call.contract).decodeFunctionResult(fragment, data)
      const values = plainList(fragment.outputs, result)
      return fragment.outputs.length === 1 ? values[0] : named(fragment.outputs, values)
    },
    encodeDeploy(name, args) {
      const bytecode = artifacts[name]?.bytecode ?? '0x'
      return bytecode + find(name).encodeDeploy(args).slice(2)
    },
    parseLog(name, log) {
      const parsed = find(name).parseLog({ topics: log.topics, data: log.data })
      if (!parsed) return null
      const values = plainList(parsed.fragment.inputs, parsed.args)
      return {
        contract: name,
        name: parsed.name,
        args: named(parsed.fragment.inputs, values) as Readonly<Record<string, unknown>>,
        block: log.blockNumber,
        transaction: log.transactionHash,
      }
    },
    explain(call, error) {
      errors ??= collectErrors(Object.values(artifacts).map((each) => new Interface(each.abi)))
      return explain(errors, call, error)
    },
  }
}

/** A revert may come from a contract that was called indirectly, so all errors are decoded. */
function collectErrors(interfaces: readonly Interface[]): Interface {
  const bySelector = new Map<string, ErrorFragment>()
  for (const each of interfaces) {
    each.forEachError((fragment) => bySelector.set(fragment.selector, fragment))
  }
  return new Interface([...bySelector.values()])
}

function explain(
  errors: Interface,
  call: Pick<ContractCall, 'contract' | 'method'>,
  error: RpcError,
): InvalidArgumentError {
  const parsed = error.data && error.data !== '0x' ? errors.parseError(error.data) : null
  const name = parsed?.name ?? 'unknown'
  const args = parsed ? plainList(parsed.fragment.inputs, parsed.args) : []
  const { contract, method } = call
  return new ContractRefusesError({ contract, method, error: name, args }, error)
}

function plainList(types: readonly ParamType[], values: Result): unknown[] {
  return types.map((type, index) => plain(type, values[index]))
}

function plain(type: ParamType, value: unknown): unknown {
  if (type.isArray()) {
    return (value as Result).toArray().map((each) => plain(type.arrayChildren, each))
  }
  if (type.isTuple()) return named(type.components, plainList(type.components, value as Result))
  return type.type === 'address' ? String(value).toLowerCase() : value
}

/** An object if every value has a name, else a list. */
function named(types: readonly ParamType[], values: readonly unknown[]): unknown {
  if (types.length === 0 || types.some((type) => type.name === '')) return values
  return Object.fromEntries(types.map((type, index) => [type.name, values[index]]))
}
