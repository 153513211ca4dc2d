import type { S3Credentials } from '@lake/storage'

/** What a program needs to find its files, its proxy, its certificates and its credentials; nothing else is handed on. */
const PASSED_ON =
  /^(?:PATH|HOME|USER|TMPDIR|TEMP|TMP|SYSTEMROOT|USERPROFILE|AWS_.*|SSL_CERT_(?:FILE|DIR)|(?:HTTPS?|NO|ALL)_PROXY|GO(?:GC|MEMLIMIT))$/i

/**
 * The environment that s5cmd runs in: the proxy variables, the certificates and the `AWS_` variables of `inherited`.
 * `credentials` replace whatever `inherited` has of them. This is the only way they take: they are never on a command
 * line, where every user of the machine could read them.
 */
export function s5cmdEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  credentials?: S3Credentials,
): Record<string, string> {
  // For each line of a run s5cmd builds its whole command line anew: mostly garbage, and a third of its time.
  const environment: Record<string, string> = { GOGC: '400' }
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && PASSED_ON.test(name)) environment[name] = value
  }
  if (credentials === undefined) return environment
  delete environment['AWS_PROFILE']
  delete environment['AWS_SESSION_TOKEN']
  environment['AWS_ACCESS_KEY_ID'] = credentials.accessKeyId
  environment['AWS_SECRET_ACCESS_KEY'] = credentials.secretAccessKey
  if (credentials.sessionToken !== undefined) environment['AWS_SESSION_TOKEN'] = credentials.sessionToken
  return environment
}

/** The text without the secrets of the environment. */
export function withoutSecrets(text: string, environment: Readonly<Record<string, string>>): string {
  return ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_ACCESS_KEY_ID'].reduce((redacted, name) => {
    const secret = environment[name] ?? ''
    return secret.length < 4 ? redacted : redacted.replaceAll(secret, '***')
  }, text)
}
