// Runs programs for the other tools: quietly, or with their output passing through.
import { spawn } from 'node:child_process'
import { root } from './source-stamp.mjs'

/**
 * Runs a program of this workspace from its root.
 *
 * @param {string} command found on PATH, where pnpm puts the workspace's own programs first
 * @param {readonly string[]} args
 * @param {{ stream?: boolean, env?: Record<string, string> }} [options] `stream` passes the output through instead
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function runCommand(command, args, { stream = false, env = {} } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', stream ? 'inherit' : 'pipe', stream ? 'inherit' : 'pipe'],
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', ...env },
      shell: process.platform === 'win32',
    })
    const chunks = []
    child.stdout?.on('data', (chunk) => chunks.push(chunk))
    child.stderr?.on('data', (chunk) => chunks.push(chunk))
    child.on('error', (error) => resolve({ ok: false, output: String(error) }))
    child.on('close', (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString().trim() }))
  })
}

/**
 * Runs a turbo task in every package that has it, also after one failed.
 *
 * @param {string} task
 * @returns {Promise<{ ok: boolean, output: string, note: string }>}
 */
export async function runTurbo(task) {
  const args = ['run', task, '--continue', '--output-logs=errors-only', '--ui=stream']
  const { ok, output } = await runCommand('turbo', args)
  const [, cached, total] = /Cached:\s+(\d+) cached, (\d+) total/.exec(output) ?? []
  const [, failed] = /^\s*Failed:\s+(.+)$/m.exec(output) ?? []
  const note = total === undefined ? '' : `${total} tasks, ${cached} unchanged`
  return { ok, output, note: failed === undefined ? note : `${note}, failed: ${failed}` }
}
