import type { ErrorKind } from './kinds.ts'
import { InvalidArgumentError, RetryableError, WattproofError } from './wattproofError.ts'

/** A folder, port or process of this machine that keeps an installation from starting. */
abstract class InstallationError extends InvalidArgumentError {
  override readonly kind: ErrorKind = 'conflict'
}

export class FolderInUseError extends InstallationError {
  constructor(folder: { readonly dir: string; readonly pid: number }) {
    super(
      `${folder.dir} is in use by process ${folder.pid}. Stop it, or give another --dir.`,
      folder,
    )
  }
}

export class OtherSecretError extends InstallationError {
  constructor(folder: { readonly dir: string }) {
    super(
      `${folder.dir} was made with another seed or secret (another demo, or \`up\`). ` +
        'Start it as it was started, or give another --dir.',
      folder,
    )
  }
}

export class SecretLostError extends InstallationError {
  constructor(secret: { readonly file: string }) {
    super(
      `${secret.file} does not hold a secret of 32 bytes. All keys of the installation are drawn ` +
        'from it: put it back from a copy. If nothing was ever started in this folder, remove ' +
        'the folder.',
      secret,
    )
  }
}

/** A file that a power cut or somebody else changed. */
export class FileDamagedError extends InstallationError {
  constructor(damaged: { readonly file: string }, cause: unknown) {
    super(
      `${damaged.file} is not as wattproof writes it. Put it back from a copy, or remove it ` +
        'while nothing runs in its folder.',
      damaged,
      cause,
    )
  }
}

/** A package that was installed in part, or changed afterwards. */
export class PackageDamagedError extends InstallationError {
  constructor(damaged: { readonly file: string }, cause: unknown) {
    super(
      `${damaged.file} is not as its package has it. Remove node_modules and run \`npm install\`.`,
      damaged,
      cause,
    )
  }
}

export class TokenEmptyError extends InstallationError {
  constructor(token: { readonly file: string }) {
    super(`${token.file} is empty; remove it, and the next start makes a new token.`, token)
  }
}

export class ChainStateError extends InstallationError {
  constructor(state: { readonly file: string }) {
    super(
      `${state.file} is not a state of anvil 1.7. Put it back from a copy, or give another --dir.`,
      state,
    )
  }
}

/** What the demo counted is not what it did: its result is not to be trusted. */
export class DemoMismatchError extends WattproofError {
  override readonly kind = 'internal'

  constructor(demo: { readonly wrong: readonly string[] }) {
    super(`The demo does not add up: ${demo.wrong.join('; ')}.`, demo)
  }
}

export class PortTakenError extends InstallationError {
  constructor(taken: { readonly port: number; readonly reason?: string }, cause?: unknown) {
    super(
      taken.reason === undefined
        ? `Port ${taken.port} is already in use; give another --port (0 picks one).`
        : `Port ${taken.port} is taken: ${taken.reason}.`,
      taken,
      cause,
    )
  }
}

/** The process of the API has ended and is not back yet. */
export class ApiAwayError extends RetryableError {
  constructor() {
    super('The API is being started again; the output of `wattproof up` says why.')
  }
}

/** The system does not let the API listen there. */
export class AddressBarredError extends InstallationError {
  constructor(
    place: { readonly host: string; readonly port: number; readonly reason: string },
    cause?: unknown,
  ) {
    super(
      `The API cannot listen at ${place.host}, port ${place.port}: ${place.reason}.`,
      place,
      cause,
    )
  }
}

/** A descriptor that the process was given is none of a socket. */
export class NoSocketGivenError extends InstallationError {
  constructor(given: { readonly descriptor: number }, cause?: unknown) {
    super(`The API cannot listen at descriptor ${given.descriptor}: it is no socket.`, given, cause)
  }
}

export type EmbeddedEngine = 'anvil' | 'ClickHouse' | 'PostgreSQL'

export class EngineNotStartedError extends InstallationError {
  constructor(start: { readonly engine: EmbeddedEngine; readonly reason: string }) {
    super(`The embedded ${start.engine} did not start: ${start.reason}`, start)
  }
}

/** The engine's npm package is not installed, or there is none for this system. */
export class EngineNotInstalledError extends InstallationError {
  constructor(
    system: {
      readonly engine: EmbeddedEngine
      readonly platform: string
      readonly arch: string
      /** What to set instead, and to what. */
      readonly instead: string
    },
    cause: unknown,
  ) {
    super(
      `There is no ${system.engine} for ${system.platform}-${system.arch}. Set ` +
        `${system.instead}, or install again without --omit=optional.`,
      system,
      cause,
    )
  }
}

export class AccountBarredError extends InstallationError {
  constructor(way: { readonly barrier: string }) {
    super(
      `PostgreSQL must not run as root, and the user postgres cannot pass ${way.barrier}. Run as ` +
        'another user, allow user namespaces or CAP_DAC_OVERRIDE, or set JOBS_URL.',
      way,
    )
  }
}

export class NoAccountError extends InstallationError {
  constructor(cause: unknown) {
    super(
      'PostgreSQL must not run as root, and a user postgres could not be made. ' +
        'Run as another user, or set JOBS_URL.',
      {},
      cause,
    )
  }
}

export class OtherPasswordError extends InstallationError {
  constructor(cause: unknown) {
    super(
      'PostgreSQL runs, but refuses our password: its data were made with another one. Put the ' +
        'secret of this folder back, or give another --dir.',
      {},
      cause,
    )
  }
}

export class DataNotMadeError extends InstallationError {
  constructor(data: { readonly dir: string; readonly reason: string }, cause: unknown) {
    super(`PostgreSQL could not make its data in ${data.dir}: ${data.reason}`, data, cause)
  }
}

export class ClickHouseFolderError extends InstallationError {
  constructor() {
    super('Say where the data are, with --dir DIR.')
  }
}

export class ClickHousePasswordError extends InstallationError {
  constructor(limit: { readonly charsMin: number }) {
    super(`The password needs at least ${limit.charsMin} characters.`, limit)
  }
}

export class ClickHouseFolderInUseError extends InstallationError {
  constructor(folder: { readonly dir: string; readonly reason: string }, cause: unknown) {
    super(
      `${folder.dir} cannot be opened; another process may be using it. ${folder.reason}`,
      folder,
      cause,
    )
  }
}

/** anvil cannot be started without HTTP, and here its HTTP would answer everybody. */
export class AnvilExposedError extends InstallationError {
  constructor(exposed: { readonly platform: string; readonly reason: string }) {
    super(
      `The embedded chain cannot be kept from other users on ${exposed.platform}: ` +
        `${exposed.reason}. Set CHAIN_URL to a chain of your own.`,
      exposed,
    )
  }
}

/** Unix sockets have short paths. */
export class SocketPathError extends InstallationError {
  constructor(socket: { readonly file: string; readonly bytesMax: number }) {
    super(
      `The path of ${socket.file} is longer than the ${socket.bytesMax} bytes that this system ` +
        'gives a socket; give a --dir with a shorter path.',
      socket,
    )
  }
}

export class SharedFolderError extends InstallationError {
  constructor(folder: { readonly dir: string }) {
    super(`${folder.dir} is shared by all users of this machine; give another --dir.`, folder)
  }
}

export class AnvilRefusesError extends RetryableError {
  constructor(call: {
    readonly method: string
    /** anvil's own; null where it gives none. */
    readonly reason: string | null
  }) {
    super(`anvil refuses ${call.method}: ${call.reason ?? 'it does not say why'}.`, call)
  }
}

export class AnvilGoneError extends RetryableError {
  constructor() {
    super('anvil has closed its socket.')
  }
}

export class LeftoverProcessError extends InstallationError {
  constructor(process: { readonly pid: number; readonly data: string }) {
    super(
      `Process ${process.pid} still runs on ${process.data} and cannot be ended; end it.`,
      process,
    )
  }
}

export class UnknownMigrationError extends InstallationError {
  constructor(migration: { readonly name: string }) {
    super(
      `The store has the migration ${migration.name}, which this version does not know. ` +
        'Run the wattproof that applied it, or a newer one.',
      migration,
    )
  }
}

export class ChangedMigrationError extends InstallationError {
  constructor(migration: { readonly name: string }) {
    super(
      `Migration ${migration.name} was changed after it was applied. ` +
        'Put it back as it was, and write the change into a new migration.',
      migration,
    )
  }
}

/** A process of the installation that ended more often than it may be restarted. */
export class ProcessEndedError extends InstallationError {
  constructor(process: { readonly name: string; readonly reason: string }) {
    super(`${process.name} ended too often, last by ${process.reason}.`, process)
  }
}

export class ProcessNotStartedError extends InstallationError {
  constructor(process: { readonly name: string; readonly reason: string }, cause: unknown) {
    super(`${process.name} could not be started: ${process.reason}`, process, cause)
  }
}
