import { type DuckDBPreparedStatement, DuckDBTimestampTZValue } from '@duckdb/node-api'
import { LakeError } from '@lake/core'

/** A value for a place in a query: `$1`, `?` or `$name`. A Date is a time in UTC. */
export type SqlParameter = string | number | bigint | boolean | Date | null

/** By place, or by name. */
export type SqlParameters = readonly SqlParameter[] | Readonly<Record<string, SqlParameter>>

/** Gives each place of a statement its value; throws `BAD_QUERY` unless there is exactly one value for each. */
export function bindParameters(statement: DuckDBPreparedStatement, parameters: SqlParameters): void {
  const values = new Map(
    isList(parameters) ? parameters.map((value, nth) => [String(nth + 1), value]) : Object.entries(parameters),
  )
  for (let index = 1; index <= statement.parameterCount; index++) {
    const name = statement.parameterName(index)
    const value = values.get(name)
    if (value === undefined) throw badParameter(`There is no value for $${name}.`, name)
    bind(statement, index, value, name)
    values.delete(name)
  }
  const [left] = values.keys()
  if (left !== undefined) throw badParameter(`The query has no $${left}, for which a value is given.`, left)
}

function bind(statement: DuckDBPreparedStatement, index: number, value: SqlParameter, name: string): void {
  switch (typeof value) {
    case 'string':
      statement.bindVarchar(index, value)
      break
    case 'boolean':
      statement.bindBoolean(index, value)
      break
    case 'number':
      // As DuckDB reads the same digits in a query: a float compared with an integer column would skip nothing.
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) statement.bindBigInt(index, BigInt(value))
      else statement.bindDouble(index, value)
      break
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) statement.bindBigInt(index, value)
      else if (BigInt.asIntN(128, value) === value) statement.bindHugeInt(index, value)
      else throw badParameter(`$${name} is an integer of more than 128 bits.`, name)
      break
    default:
      if (value === null) statement.bindNull(index)
      else if (Number.isNaN(value.getTime())) throw badParameter(`$${name} is an invalid Date.`, name)
      else statement.bindTimestampTZ(index, new DuckDBTimestampTZValue(BigInt(value.getTime()) * 1000n))
  }
}

function isList(parameters: SqlParameters): parameters is readonly SqlParameter[] {
  return Array.isArray(parameters)
}

function badParameter(message: string, parameter: string): LakeError {
  return new LakeError('BAD_QUERY', `${message} Give one value for each place of the query.`, {
    details: { parameter },
  })
}
