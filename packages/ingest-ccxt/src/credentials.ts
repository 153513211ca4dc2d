/** What a venue gives to those who have an account. Everything here is a secret. */
export interface Credentials {
  readonly apiKey: string
  readonly secret?: string | undefined
  /** The third word that some venues want. */
  readonly password?: string | undefined
}

/** The key of an exchange, by ccxt's name of it; `undefined` when there is none. */
export type CredentialsSource = (exchange: string) => Credentials | undefined | Promise<Credentials | undefined>

/**
 * Keys from the environment: `BINANCE_API_KEY`, `BINANCE_API_SECRET`, `BINANCE_API_PASSWORD`, and so for each exchange.
 */
export const environmentCredentials: CredentialsSource = (exchange) => {
  const stem = `${exchange.toUpperCase()}_API_`
  const apiKey = process.env[`${stem}KEY`]
  if (apiKey === undefined || apiKey === '') return undefined
  return { apiKey, secret: process.env[`${stem}SECRET`], password: process.env[`${stem}PASSWORD`] }
}

/** A text in which every secret, plain or percent-encoded, and every signature is blacked out. */
export function redact(text: string, credentials: Credentials | undefined): string {
  let clean = text.replace(/(signature=)[^&\s"]+/gi, '$1***')
  for (const secret of [credentials?.apiKey, credentials?.secret, credentials?.password]) {
    if (secret === undefined || secret === '') continue
    for (const form of [secret, encodeURIComponent(secret)]) clean = clean.replaceAll(form, '***')
  }
  return clean
}
