import { type ObjectId, formatObjectId } from "@wheelhouse/kube-object";

/** A message with the object that it is about in front, once: the words of a request's error name it already. */
export function objectMessage(object: ObjectId, message: string): string {
  const name = `${formatObjectId(object)}: `;
  return message.startsWith(name) ? message : `${name}${message}`;
}
