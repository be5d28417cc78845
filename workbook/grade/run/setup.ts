// Runs in the worker before a grader is loaded: its matchers, and the sign of life for the watchdog.
import { beforeEach } from 'vitest'
import '../checks/expect.ts'
import { announce, beat } from './worker-heartbeat.ts'

beat()
beforeEach(({ task }) => {
  if (task.meta.check) announce(task.meta.check.id)
})
