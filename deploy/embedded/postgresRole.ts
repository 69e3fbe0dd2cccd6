import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DataNotMadeError } from '../../schemas/errors/installation.ts'
import { engineUser } from '../sockets/enginePlaces.ts'
import { type ProgramOptions, runProgram } from './postgresProgram.ts'

/** A file in the data folder that says that the role exists. */
const markName = 'wattproof.role'

type RoleOptions = ProgramOptions & { readonly password: string }

/**
 * Makes the role that the jobs log in as, once. It owns its database and is no superuser: who has
 * its password reads no file and runs no program. Without a server, so that nobody can log in
 * before; the superuser's own password is random and known to nobody.
 *
 * Data of earlier versions, which had the superuser alone, become the role's.
 */
export async function keepRole(options: RoleOptions, data: string): Promise<void> {
  const mark = path.join(data, markName)
  if (existsSync(mark)) return
  // A statement that fails would otherwise be quoted, with the password, in what we report.
  const quiet = ['-c', 'log_min_error_statement=panic']
  const program = [options.binaries.postgres, '--single', '-j', '-D', data, ...quiet, 'postgres']
  const said = await runProgram(options, program, roleStatements(options.password))
  const failure = /(?:ERROR|FATAL|PANIC): .*/.exec(said)
  if (failure) throw new DataNotMadeError({ dir: options.dir, reason: failure[0] }, said)
  writeFileSync(mark, '', { mode: 0o600 })
}

/** Statements for PostgreSQL in single-user mode, each up to an empty line; they may run twice. */
function roleStatements(password: string): string {
  const owned = ownedBySuperuser.join('\n  UNION ALL\n')
  return [
    `DO $do$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${engineUser}') THEN
    CREATE ROLE ${engineUser};
  END IF;
END $do$`,
    `ALTER ROLE ${engineUser} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
  PASSWORD '${password.replaceAll("'", "''")}'`,
    'ALTER ROLE postgres PASSWORD NULL',
    `ALTER DATABASE postgres OWNER TO ${engineUser}`,
    `DO $do$ DECLARE object text; BEGIN
  FOR object IN ${owned} LOOP
    EXECUTE 'ALTER ' || object || ' OWNER TO ${engineUser}';
  END LOOP;
END $do$`,
    '',
  ].join(';\n\n')
}

const isOurs = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
/** Kind and name of what the superuser made for us: all but what a server is born with. */
const ownedBySuperuser = [
  `SELECT 'SCHEMA ' || quote_ident(nspname) FROM pg_namespace n
    WHERE ${isOurs} AND nspname <> 'public'`,
  // Sequences of columns, indexes and types of rows go with their table.
  `SELECT 'TABLE ' || c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE ${isOurs} AND relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT EXISTS (
      SELECT FROM pg_depend d WHERE classid = 'pg_class'::regclass AND objid = c.oid
        AND deptype IN ('a', 'i'))`,
  `SELECT 'ROUTINE ' || p.oid::regprocedure FROM pg_proc p
    JOIN pg_namespace n ON n.oid = pronamespace WHERE ${isOurs}`,
  `SELECT 'TYPE ' || format_type(t.oid, NULL) FROM pg_type t
    JOIN pg_namespace n ON n.oid = typnamespace LEFT JOIN pg_class c ON c.oid = typrelid
    WHERE ${isOurs} AND (typtype IN ('e', 'd', 'r') OR relkind = 'c')`,
]
