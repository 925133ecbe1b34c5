import { type Readable } from "node:stream";

/**
 * Reads a call one message at a time. Not by `for await`: that destroys the
 * call when it is left, and a destroyed call cannot send its status any more.
 */
export class MessageReader<Message> {
  readonly #call: Readable;
  #isClosed = false;
  #wake: (() => void) | undefined;

  constructor(call: Readable) {
    this.#call = call;
    for (const event of ["end", "close", "cancelled", "error"]) {
      call.on(event, () => this.close());
    }
    call.on("readable", () => this.#wake?.());
  }

  /** The next message, or undefined when no more comes. */
  async next(): Promise<Message | undefined> {
    while (!this.#isClosed) {
      const message: unknown = this.#call.read();
      if (message !== null) return message as Message;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (this.#isClosed) resolve();
      });
    }
    return undefined;
  }

  /** Ends the reading from this side. */
  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }
}
