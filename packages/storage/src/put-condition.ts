import { LakeError, type ObjectInfo, type PutOptions } from '@lake/core'

/** @throws {@link LakeError} `BAD_REQUEST` when both conditions are given: no object could meet them. */
export function checkPutOptions(key: string, options: PutOptions): void {
  if (options.ifAbsent !== true || options.ifMatch === undefined) return
  throw new LakeError('BAD_REQUEST', `A put of '${key}' has ifAbsent and ifMatch: give one of them.`, {
    details: { key },
  })
}

/** @throws {@link LakeError} `CONFLICT` unless what is there now meets the condition of the put. */
export function checkCondition(key: string, current: ObjectInfo | undefined, options: PutOptions): void {
  const { ifAbsent, ifMatch } = options
  if (current === undefined) {
    if (ifMatch !== undefined) throw conflict(key, `is gone, expected with etag ${ifMatch}`, { expected: ifMatch })
    return
  }
  const { etag } = current
  if (ifAbsent === true) throw conflict(key, 'is there already', { found: etag })
  if (ifMatch !== undefined && ifMatch !== etag) {
    throw conflict(key, `has etag ${etag}, not ${ifMatch}`, { expected: ifMatch, found: etag })
  }
}

/** @throws {@link LakeError} `CONFLICT` when a get asks for another etag than the object has. */
export function checkMatch(info: ObjectInfo, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch === info.etag) return
  const details = { key: info.key, expected: ifMatch, found: info.etag }
  throw new LakeError('CONFLICT', `'${info.key}' has etag ${info.etag}, not ${ifMatch}: it was replaced. Look again.`, {
    details,
  })
}

function conflict(key: string, state: string, details: Readonly<Record<string, unknown>>): LakeError {
  return new LakeError('CONFLICT', `'${key}' ${state}. Nothing was changed; read it again and decide.`, {
    details: { key, ...details },
  })
}
