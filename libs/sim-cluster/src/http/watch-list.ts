import { type ServerResponse } from "node:http";
import { type Clock } from "@wheelhouse/clock";
import { type Store } from "../store.ts";
import { type WatchAnswer } from "./answer.ts";

/** How often a watch that asked for bookmarks gets one, while things change. */
const bookmarkIntervalMs = 60_000;
/** A reader that lets this much pile up is cut off, and will list anew. */
const maxBufferedBytes = 16 * 1024 * 1024;

interface OpenWatch {
  readonly answer: WatchAnswer;
  readonly response: ServerResponse;
  readonly end: () => void;
  bookmarkedAt: number;
}

/** The open watches of one cluster. Idle, it has no timer but each watch's own end. */
export class WatchList {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #open = new Set<OpenWatch>();
  #cancelBookmarks: (() => void) | undefined;
  /** How many of the open watches asked for bookmarks. */
  #bookmarked = 0;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    store.listen("*", () => {
      if (this.#bookmarked > 0) this.#armBookmarks();
    });
  }

  /** How many watches are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Streams a watch until its time is up, its reader leaves or falls behind. */
  start(answer: WatchAnswer, response: ServerResponse): void {
    response.writeHead(200, {
      "content-type": "application/json",
      "cache-control": "no-cache, private",
    });
    response.flushHeaders();
    if (answer.backlog.length > 0) response.write(answer.backlog.join(""));
    if (answer.closed) {
      response.end();
      return;
    }
    this.#follow(answer, response);
  }

  #follow(answer: WatchAnswer, response: ServerResponse): void {
    const stopListening = this.#store.listen(answer.resource, (change) => {
      const line = answer.encode(change);
      if (line !== undefined) this.#write(watch, line);
    });
    const cancelTimeout = this.#clock.setTimer(answer.timeoutMs, () => {
      watch.end();
    });
    const watch: OpenWatch = {
      answer,
      response,
      bookmarkedAt: this.#store.revision,
      end: () => {
        stopListening();
        cancelTimeout();
        if (this.#open.delete(watch) && answer.bookmark !== undefined)
          this.#bookmarked -= 1;
        if (!response.writableEnded) response.end();
      },
    };
    this.#open.add(watch);
    if (answer.bookmark !== undefined) this.#bookmarked += 1;
    response.once("close", watch.end);
  }

  #write(watch: OpenWatch, line: string): void {
    watch.response.write(line);
    if (watch.response.writableLength <= maxBufferedBytes) return;
    watch.end();
    watch.response.destroy();
  }

  /** One timer for all, set only after something changed. */
  #armBookmarks(): void {
    this.#cancelBookmarks ??= this.#clock.setTimer(bookmarkIntervalMs, () => {
      this.#cancelBookmarks = undefined;
      this.sendBookmarks();
    });
  }

  /** Sends every watch that asked for bookmarks the newest revision, where it moved. */
  sendBookmarks(): void {
    const { revision } = this.#store;
    for (const watch of this.#open) {
      const { bookmark } = watch.answer;
      if (bookmark === undefined || watch.bookmarkedAt === revision) continue;
      watch.bookmarkedAt = revision;
      this.#write(watch, bookmark(revision));
    }
  }

  /** Ends every watch; nothing runs on afterwards. */
  endAll(): void {
    for (const watch of [...this.#open]) watch.end();
    this.#cancelBookmarks?.();
    this.#cancelBookmarks = undefined;
  }
}
