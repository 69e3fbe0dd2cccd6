import { InvalidArgumentError, sentenceOf } from './wattproofError.ts'

/**
 * The environment, a flag that overrides it, or a store it names does not fit: exit code 2. Over
 * HTTP it is 503, without the sentence.
 */
export abstract class ConfigurationError extends InvalidArgumentError {
  override readonly kind = 'configuration'
}

export class SettingsError extends ConfigurationError {
  constructor(given: { readonly issues: readonly string[] }) {
    super(
      `The configuration does not fit: ${given.issues.join('; ')}. See \`wattproof config print\`.`,
      given,
    )
  }
}

export class UnknownEngineError extends ConfigurationError {
  constructor(given: {
    readonly key: string
    readonly scheme: string
    readonly known: readonly string[]
  }) {
    super(
      `${given.key} ${given.scheme} is not known; set it to ${given.known.join(' or ')}.`,
      given,
    )
  }
}

export class ViewsUrlError extends ConfigurationError {
  constructor() {
    super('VIEWS_URL must be the http:// or https:// URL of ClickHouse.')
  }
}

export class ViewsDatabaseError extends ConfigurationError {
  constructor(given: { readonly database: string; readonly wanted: string }) {
    super(
      `VIEWS_URL names the database ${given.database}; all tables are in ` +
        `${given.wanted}. Leave the name out.`,
      given,
    )
  }
}

export class NothingToMigrateError extends ConfigurationError {
  constructor(given: { readonly dir: string }) {
    super(
      `VIEWS_URL is not set, and no embedded engine runs on ${given.dir}. ` +
        'Set VIEWS_URL, or start `wattproof up`, which migrates its own by itself.',
      given,
    )
  }
}

export class ChainUrlError extends ConfigurationError {
  constructor() {
    super(
      'The chain must be the http:// or https:// URL of a JSON-RPC node; check CHAIN_URL or --rpc.',
    )
  }
}

export class NoContractError extends ConfigurationError {
  constructor(given: { readonly address: string }) {
    super(
      `Nothing is deployed at ${given.address} on this chain. Check that CHAIN_URL leads to the ` +
        'chain that the contracts were deployed on.',
      given,
    )
  }
}

export class ChainIdError extends ConfigurationError {
  constructor(given: { readonly chainId: number; readonly wanted: number }) {
    super(`CHAIN_URL leads to chain ${given.chainId}, not to ${given.wanted}.`, given)
  }
}

export class KeystoreError extends ConfigurationError {
  constructor() {
    super('The signing key cannot be opened: check the keystore file and its password.')
  }
}

export class TokenTooShortError extends ConfigurationError {
  constructor(limit: { readonly charsMin: number }) {
    super(`A token has at least ${limit.charsMin} characters; set a longer one.`, limit)
  }
}

/** A validator has either a number, and a key of the installation, or a key of its own. */
export class TwoValidatorKeysError extends ConfigurationError {
  constructor() {
    super(
      'A validator is one of ours (WATTPROOF_VALIDATOR) or has a key of its own ' +
        '(WATTPROOF_VALIDATOR_KEYSTORE), not both.',
    )
  }
}

export class NoValidatorKeyError extends ConfigurationError {
  constructor() {
    super(
      'Say which validator this is: WATTPROOF_VALIDATOR=0, 1, …, or give it a key of its own ' +
        'with WATTPROOF_VALIDATOR_KEYSTORE.',
    )
  }
}

export class NoValidatorTokenError extends ConfigurationError {
  constructor() {
    super('Give the token of the installation: WATTPROOF_VALIDATOR_TOKEN.')
  }
}

export class NoPasswordFileError extends ConfigurationError {
  constructor() {
    super('Name the file with the password of the keystore: WATTPROOF_VALIDATOR_PASSWORD_FILE.')
  }
}

export class ConfiguredFileError extends ConfigurationError {
  constructor(given: { readonly file: string }, cause: unknown) {
    super(`${given.file} cannot be read: ${sentenceOf(cause)}`, given, cause)
  }
}
