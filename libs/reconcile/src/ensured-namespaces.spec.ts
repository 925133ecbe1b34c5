import { expect, test } from "vitest";
import { EnsuredNamespaces } from "./ensured-namespaces.ts";

test("bundles of one namespace ask for it once, together and later", async () => {
  const asked: string[] = [];
  const namespaces = new EnsuredNamespaces();
  const ask = async (name: string) => void asked.push(name);
  await Promise.all([
    namespaces.ensure(["a", "b"], false, ask),
    namespaces.ensure(["a"], false, ask),
  ]);
  await namespaces.ensure(["b"], false, ask);
  expect(asked).toEqual(["a", "b"]);
});

test("whoever was refused asks anew, and the others take that answer", async () => {
  const namespaces = new EnsuredNamespaces();
  let count = 0;
  const ask = async () => void (count += 1);
  await namespaces.ensure(["a"], false, ask);
  await namespaces.ensure(["a"], true, ask);
  await namespaces.ensure(["a"], false, ask);
  expect(count).toBe(2);
});

test("a namespace that could not be ensured is asked for again", async () => {
  const namespaces = new EnsuredNamespaces();
  const fail = () => Promise.reject(new Error("unreachable"));
  await expect(namespaces.ensure(["a"], false, fail)).rejects.toThrow(
    "unreachable",
  );
  let count = 0;
  await namespaces.ensure(["a"], false, async () => void (count += 1));
  expect(count).toBe(1);
});
