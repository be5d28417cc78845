// Given: what a Socket.IO server needs of a bus, whichever it is.
import type { ServerOptions } from 'socket.io'

export interface Bus {
  /** adapter that joins the rooms of all nodes; left out: rooms stay in this process */
  adapter?: ServerOptions['adapter']
  /** Ends it. To be called when the Socket.IO server has closed, which says goodbye over the bus. */
  close(): Promise<void>
}
