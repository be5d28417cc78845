// Runs in the worker before a grader is loaded: its matchers, what the lab prints, and the sign of life for the watchdog.
import { afterAll, beforeEach } from 'vitest'
import '../checks/expect.ts'
import { beginCheckOutput, captureOutput } from '../checks/lab-output.ts'
import { settled } from '../checks/settled.ts'
import { runVariable } from './processes.ts'
import { announce, beat, onOutput, tellOutput } from './worker-heartbeat.ts'

// Only the runner shows what is kept; in vitest's own projects it is printed.
if (process.env[runVariable] !== undefined) captureOutput(onOutput)
beat()
beforeEach(({ task }) => {
  if (!task.meta.check) return
  announce(task.meta.check.id)
  beginCheckOutput()
})
afterAll(async () => {
  await settled()
  tellOutput()
}, 0)
