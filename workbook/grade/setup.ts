// Runs in the worker before a grader is loaded: its matchers, and the sign of life for the watchdog.
import './expect.ts'
import { beat } from './watch-worker.ts'

beat()
