import { expect, test } from 'vitest'
import { FlagValueError } from '../../schemas/errors/commandLine.ts'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import { childEnvironment, describeConfig, readConfig } from './config.ts'

test('defaults are embedded engines on loopback', () => {
  const config = readConfig({}, {})
  expect(config).toMatchObject({ host: '127.0.0.1', port: 8420, viewsUrl: null, chainUrl: null })
})

test('flags win over the environment, and an empty value counts as absent', () => {
  const environment = { WATTPROOF_PORT: '1', WATTPROOF_HOST: '', PATH: '/bin' }
  const config = readConfig({ WATTPROOF_PORT: '2' }, environment)
  expect(config).toMatchObject({ port: 2, host: '127.0.0.1' })
})

test.each([
  [{ WATTPROOF_PROT: '1' }, 'WATTPROOF_PROT'],
  [{ WATTPROOF_PORT: 'eighty' }, 'WATTPROOF_PORT'],
  [{ WATTPROOF_PORT: '70000' }, 'WATTPROOF_PORT'],
  [{ VIEWS_URL: 'clickhouse' }, 'VIEWS_URL'],
  [{ WATTPROOF_NAMES: 'http://wattproof.lan' }, 'WATTPROOF_NAMES'],
  [{ WATTPROOF_PROXIES: 'proxy.lan' }, 'WATTPROOF_PROXIES'],
  [{ WATTPROOF_LISTEN_FDS: '127.0.0.1' }, 'WATTPROOF_LISTEN_FDS'],
  [{ WATTPROOF_TOKEN: 'short' }, 'WATTPROOF_TOKEN'],
  [{ WATTPROOF_VALIDATOR_TOKEN: 'short' }, 'WATTPROOF_VALIDATOR_TOKEN'],
  [{ WATTPROOF_FOUNDERS: '0x12,0x34' }, 'WATTPROOF_FOUNDERS'],
])('%j is refused with its key', (environment, name) => {
  expect(() => readConfig({}, environment)).toThrow(InvalidArgumentError)
  expect(() => readConfig({}, environment)).toThrow(name)
})

test.each([
  [{ WATTPROOF_PORT: 'abc' }, '--port is not a whole number.'],
  ...['1.5', '1e3', '0x50', ' 80', '-1'].map((port): [{ WATTPROOF_PORT: string }, string] => [
    { WATTPROOF_PORT: port },
    '--port is not a whole number.',
  ]),
  [{ WATTPROOF_PORT: '70000' }, '--port is more than 65535.'],
  [{ WATTPROOF_TOKEN: 'wrong' }, '--token is shorter than 16 characters.'],
  [{ WATTPROOF_URL: 'nowhere' }, '--url is not a URL, such as http://127.0.0.1:8420.'],
])('a flag is refused by the name that was typed: %j', (overrides, sentence) => {
  expect(() => readConfig(overrides, {})).toThrow(FlagValueError)
  expect(() => readConfig(overrides, {})).toThrow(sentence)
})

test.each([
  [{ WATTPROOF_PORT: 'abc' }, 'WATTPROOF_PORT is not a whole number'],
  [{ WATTPROOF_CHALLENGE_S: '0' }, 'WATTPROOF_CHALLENGE_S is less than 1'],
  [{ WATTPROOF_CLOCK: 'sun' }, 'WATTPROOF_CLOCK is not one of system, simulated'],
  [{ WATTPROOF_PROT: '1' }, 'WATTPROOF_PROT is not a setting'],
])('a setting of the environment is refused by its key: %j', (environment, issue) => {
  expect(() => readConfig({}, environment)).toThrow(`The configuration does not fit: ${issue}.`)
})

test('founders are comma-separated addresses', () => {
  const [one, other] = [`0x${'Ab'.repeat(20)}`, `0x${'12'.repeat(20)}`]
  const { founders } = readConfig({}, { WATTPROOF_FOUNDERS: `${one}, ${other}` })
  expect(founders).toEqual([one.toLowerCase(), other])
  expect(readConfig({}, {}).founders).toBeNull()
})

test('the unit of a setting is in brackets at the end of its meaning', () => {
  const abouts = Object.entries(describeConfig(readConfig({}, {})))
  for (const [key, { about }] of abouts) {
    if (/_(S|WH|MICROS)$/.test(key)) expect(about).toMatch(/ \((seconds|Wh|millionths.*)\)$/)
  }
})

test('secrets are redacted', () => {
  const token = 'a-token-of-some-length'
  const shown = JSON.stringify(
    describeConfig(
      readConfig({}, { WATTPROOF_TOKEN: token, VIEWS_URL: 'http://user:hidden@host:8123' }),
    ),
  )
  expect(shown).not.toContain(token)
  expect(shown).not.toContain('hidden')
  expect(shown).toContain('(secret)@host:8123')
})

test.each([
  ['CHAIN_URL', "http://u:se'kret@127.0.0.1:9/"],
  ['CHAIN_URL', 'https://mainnet.example/v3/kret0123456789'],
  ['VIEWS_URL', 'http://u:it\'s"kret<1>@host:8123'],
  ['VIEWS_URL', 'http://host:8123/?password=kret'],
  ['JOBS_URL', "postgres://u:a'b_kret@host/jobs"],
])('a secret anywhere in %s is redacted: %s', (key, url) => {
  expect(JSON.stringify(describeConfig(readConfig({}, { [key]: url })))).not.toContain('kret')
})

test('a child gets the settings of its parent and its own', () => {
  const config = readConfig({ WATTPROOF_DIR: '/tmp/x', WATTPROOF_PORT: '0' }, {})
  expect(childEnvironment(config, { WATTPROOF_PORT: '8421' })).toMatchObject({
    WATTPROOF_DIR: '/tmp/x',
    WATTPROOF_PORT: '8421',
  })
})
