import { describe, expect, it, vi } from 'vitest'
import { runChild } from './child.mjs'

const node = process.execPath

describe('a child', () => {
  it('is run to its end, and its words and exit code come back', async () => {
    const script = 'console.log(process.env.WORD); console.error("two"); process.exitCode = 3'
    const { code, output, timedOut } = await runChild(node, ['-e', script], { env: { ...process.env, WORD: 'one' } })
    expect({ code, timedOut, words: output.trim().split('\n').sort() }).toEqual({ code: 3, timedOut: false, words: ['one', 'two'] })
  })

  it('shows its words as they come, where it is asked to', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    try {
      await runChild(node, ['-e', 'console.log("quiet")'])
      const { output } = await runChild(node, ['-e', 'console.log("loud")'], { isShown: true })
      expect({ output, shown: write.mock.calls.map(([text]) => text) }).toEqual({ output: 'loud\n', shown: ['loud\n'] })
    } finally {
      write.mockRestore()
    }
  })

  it('takes its arguments as they are, with spaces and quotes', async () => {
    const { output } = await runChild(node, ['-p', 'process.argv.slice(1).join("|")', 'a b', '"c"', '$HOME'])
    expect(output.trim()).toBe('a b|"c"|$HOME')
  })

  it('that cannot be started ends with 127 and the reason', async () => {
    expect(await runChild('there-is-no-such-program', [])).toMatchObject({ code: 127, output: expect.stringContaining('ENOENT') })
  })

  it('that takes too long is stopped, with the processes that it started', async () => {
    // The grandchild keeps the output open, so that the child is over only when both are.
    const script = 'require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" })'
    expect(await runChild(node, ['-e', script], { timeoutMs: 100 })).toMatchObject({ timedOut: true })
  })
})
