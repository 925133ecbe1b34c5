import {
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
  create,
  fromBinary,
  toBinary,
} from "@bufbuild/protobuf";
import { FieldProblem } from "./fields.ts";

/** A message that could not be read: cut short, over a bound, or a field missing. The stream it came on is cut. */
export interface MalformedMessage {
  readonly kind: "malformed";
  readonly problem: string;
}

/** A message of a kind that this version does not know. It is passed over. */
export interface UnknownMessage {
  readonly kind: "unknown";
}

/** What reading a message yields. */
export type Decoded<Message> = Message | MalformedMessage | UnknownMessage;

/** How one message of the link goes to bytes and back. */
export interface Codec<Message> {
  readonly encode: (message: Message) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Decoded<Message>;
}

/** Makes a codec from a generated schema and a pair of mappings; `read` returns undefined for a kind that it does not know. */
export function createCodec<Message, Schema extends DescMessage>(
  schema: Schema,
  write: (message: Message) => MessageInitShape<Schema>,
  read: (wire: MessageShape<Schema>) => Message | undefined,
): Codec<Message> {
  return {
    encode: (message) => toBinary(schema, create(schema, write(message))),
    decode: (bytes) => decodeWith(schema, read, bytes),
  };
}

function decodeWith<Message, Schema extends DescMessage>(
  schema: Schema,
  read: (wire: MessageShape<Schema>) => Message | undefined,
  bytes: Uint8Array,
): Decoded<Message> {
  const wire = parse(schema, bytes);
  if (wire === undefined) {
    return { kind: "malformed", problem: `${schema.name}: not a message` };
  }
  try {
    return read(wire) ?? { kind: "unknown" };
  } catch (error) {
    if (error instanceof FieldProblem) {
      return {
        kind: "malformed",
        problem: `${schema.name}: ${error.message}`,
      };
    }
    throw error;
  }
}

/** The generated reader throws for bytes that are no message; nothing else can go wrong in it. */
function parse<Schema extends DescMessage>(
  schema: Schema,
  bytes: Uint8Array,
): MessageShape<Schema> | undefined {
  try {
    return fromBinary(schema, bytes);
  } catch {
    return undefined;
  }
}
