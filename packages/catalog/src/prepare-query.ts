import { type DuckDBConnection, type DuckDBPreparedStatement, StatementType } from '@duckdb/node-api'
import { LakeError } from '@lake/core'

/**
 * Prepares the one statement of a text, if it only reads.
 *
 * What a statement does is DuckDB's own judgement. Only EXPLAIN needs a second look: `explain analyze copy ...` would
 * do what it explains.
 */
export async function prepareQuery(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const statements = await connection.extractStatements(sql)
  if (statements.count !== 1) {
    const found = statements.count === 0 ? 'The query is empty' : `The query has ${statements.count} statements`
    throw new LakeError(
      'BAD_QUERY',
      `${found}: give exactly one. (PIVOT is one with its values listed: \`on x in (…)\`.)`,
      {
        details: { statements: statements.count },
      },
    )
  }
  const statement = await statements.prepare(0)
  const type = statement.statementType
  if (type === StatementType.SELECT) return statement
  if (type === StatementType.EXPLAIN && (await explainsQuery(connection, sql))) return statement
  statement.destroySync()
  throw new LakeError(
    'BAD_QUERY',
    'The lake is read-only through SQL: SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE and EXPLAIN of these work. ' +
      'Nothing was changed.',
  )
}

async function explainsQuery(connection: DuckDBConnection, sql: string): Promise<boolean> {
  // With and without what may be a list of options, or the parenthesis that a query starts with.
  for (const prefix of [/^\s*explain\s+(?:analyze\s+)?/i, /^\s*explain\s*\([^)]*\)/i]) {
    const inner = prefix.test(sql) ? sql.replace(prefix, '') : ''
    if (inner !== '' && (await isQuery(connection, inner))) return true
  }
  return false
}

async function isQuery(connection: DuckDBConnection, sql: string): Promise<boolean> {
  try {
    const statements = await connection.extractStatements(sql)
    if (statements.count !== 1) return false
    const statement = await statements.prepare(0)
    const type = statement.statementType
    statement.destroySync()
    return type === StatementType.SELECT
  } catch {
    return false
  }
}
