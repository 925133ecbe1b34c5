/** One server-sent event. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** An event larger than this ends the stream: no fleet's view is. */
const maxEventBytes = 64 * 2 ** 20;

/** Reads server-sent events from a body, as the HTML standard has them; comments and unknown fields are skipped. */
export async function* readServerEvents(
  body: ReadableStream<Uint8Array>,
): AsyncIterable<ServerEvent> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  const blocks = createBlockSplitter();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const block of blocks(decoder.decode(value, { stream: true }))) {
        const event = parseBlock(block);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/**
 * Takes pieces of text, and gives back the blocks that each completes. Looks at
 * every piece once: a fleet's view comes in hundreds of pieces, and searching
 * all that came so far for each would cost the square of it.
 */
function createBlockSplitter(): (piece: string) => readonly string[] {
  let parts: string[] = [];
  let length = 0;
  // The end of a block may lie over two pieces: it is at most 4 letters long.
  let carried = "";
  return (piece) => {
    const blocks = (carried + piece).split(/\r?\n\r?\n/);
    const rest = blocks.pop() ?? "";
    if (blocks.length > 0) {
      blocks[0] = parts.join("") + (blocks[0] ?? "");
      parts = [];
      length = 0;
    }
    carried = rest.slice(-3);
    parts.push(rest.slice(0, -3));
    length += rest.length - carried.length;
    if (length > maxEventBytes) throw new RangeError("event too large");
    return blocks;
  };
}

function parseBlock(block: string): ServerEvent | undefined {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field, value = ""] = /^([^:]+)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  return data.length === 0 ? undefined : { event, data: data.join("\n") };
}
