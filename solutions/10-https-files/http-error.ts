// Given: an answer that is not 200, thrown from wherever it is found out.

/** An answer that is an error. */
export class HttpError extends Error {
  readonly status: number
  readonly headers: Record<string, string>

  /** @param message sentence for a person; it says nothing about the disk that the client did not know */
  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

/** For `catch`: nothing in place of a 404. @throws every other error */
export function ifAbsent(error: unknown): undefined {
  if (error instanceof HttpError && error.status === 404) return
  throw error
}
