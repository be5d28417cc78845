import type { Namespace } from 'socket.io'
import {
  type ClusterAdapterOptions,
  ClusterAdapterWithHeartbeat,
  type ClusterMessage,
  type ClusterResponse,
} from 'socket.io-adapter'
import type { BusConnection } from './bus-connection.ts'
import type { BusMessage } from './message.ts'

/**
 * Joins the rooms of one namespace with those of the same namespace in all processes on the relay. What to say, to whom
 * and when is the work of the class below it; this one says it, and hears.
 */
export class RelayAdapter extends ClusterAdapterWithHeartbeat {
  readonly #connection: BusConnection

  /** @param connection connection of this process, shared by all its namespaces */
  constructor(nsp: Namespace, connection: BusConnection, options: ClusterAdapterOptions = {}) {
    super(nsp, options)
    this.#connection = connection
    connection.on('message', this.#hear)
    connection.on('up', this.#hello)
  }

  /** Says goodbye, and hears nothing from then on: an answer to a late question would start the heartbeat again. */
  override close(): void {
    this.#connection.off('message', this.#hear)
    this.#connection.off('up', this.#hello)
    super.close()
  }

  /** Sends a message to all other nodes. @returns the message's place in a log, for adapters that keep one; this one does not */
  protected override async doPublish(message: ClusterMessage): Promise<string> {
    // #region publish
    // TODO 1: Send the message over the connection.
    // starter: void message

    this.#connection.send(message)
    // #endregion
    return ''
  }

  /**
   * Sends a response to the one node that asked. The relay gives it to all, and whoever has not asked does not know the id of the
   * question, and drops it.
   */
  protected override async doPublishResponse(_requester: string, response: ClusterResponse): Promise<void> {
    // #region respond
    // TODO 1: Send the response over the connection.
    // starter: void response

    this.#connection.send(response)
    // #endregion
  }

  readonly #hear = (message: BusMessage): void => {
    // #region hear
    // TODO 1: Hand each message of this namespace to `this.onMessage`, responses too. Messages of other namespaces come
    // by as well: who takes a heartbeat of theirs for one of its own waits for answers that nobody gives.
    // starter: void message

    // The types name messages only; `onMessage` passes a response on to where it belongs.
    if (message.nsp === this.nsp.name) this.onMessage(message as ClusterMessage)
    // #endregion
  }

  /** Says hello: what was said before the relay was there is lost, the first hello too. The others answer, and are known. */
  readonly #hello = (): void => this.init()
}

/** What the option `adapter` of a Socket.IO server wants. */
export function relayAdapter(connection: BusConnection, options?: ClusterAdapterOptions) {
  // Socket.IO calls it with `new`, which an arrow function does not allow.
  function adapter(nsp: Namespace): RelayAdapter {
    return new RelayAdapter(nsp, connection, options)
  }
  return adapter
}
