import { expect, it } from "vitest";
import { errorText } from "./error-text.ts";

it.each([
  [new TypeError("no such thing"), "no such thing"],
  [new Error(""), ""],
  ["thrown as text", "thrown as text"],
  [undefined, "undefined"],
])("says of %o: %j", (thrown, text) => {
  expect(errorText(thrown)).toBe(text);
});
