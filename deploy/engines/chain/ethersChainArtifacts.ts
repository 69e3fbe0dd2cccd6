import { baselineCommitment } from '../../../contracts/abi/BaselineCommitment.ts'
import { incentiveVault } from '../../../contracts/abi/IncentiveVault.ts'
import { programmeToken } from '../../../contracts/abi/ProgrammeToken.ts'
import { settlementAnchor } from '../../../contracts/abi/SettlementAnchor.ts'
import { settlementLedger } from '../../../contracts/abi/SettlementLedger.ts'
import { settlementNotifier } from '../../../contracts/abi/SettlementNotifier.ts'
import { validatorRegistry } from '../../../contracts/abi/ValidatorRegistry.ts'
import type { ContractName } from '../../../schemas/ports/chain.ts'
import type { ContractArtifact } from './ethersChainContracts.ts'

/** Interfaces and bytecode of `contracts/src`, as committed. */
export const wattproofArtifacts: Readonly<Record<ContractName, ContractArtifact>> = {
  ProgrammeToken: programmeToken,
  BaselineCommitment: baselineCommitment,
  ValidatorRegistry: validatorRegistry,
  SettlementAnchor: settlementAnchor,
  IncentiveVault: incentiveVault,
  SettlementNotifier: settlementNotifier,
  SettlementLedger: settlementLedger,
}
