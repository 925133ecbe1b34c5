/** Creates a namespace where it is absent. */
export type EnsureNamespace = (name: string) => Promise<void>;

/**
 * Namespaces that bundles need and do not own. One that was there is taken as
 * there: a hundred bundles of one namespace ask once. Whoever is refused asks
 * anew, so that one that was deleted comes back.
 */
export class EnsuredNamespaces {
  readonly #ensured = new Map<string, Promise<void>>();

  /** Ensures each of these; with `isFresh` all of them anew. */
  async ensure(
    names: readonly string[],
    isFresh: boolean,
    ensureOne: EnsureNamespace,
  ): Promise<void> {
    for (const name of names) {
      if (isFresh) this.#ensured.delete(name);
      await (this.#ensured.get(name) ?? this.#start(name, ensureOne));
    }
  }

  #start(name: string, ensureOne: EnsureNamespace): Promise<void> {
    const ensuring = ensureOne(name);
    this.#ensured.set(name, ensuring);
    ensuring.catch(() => {
      if (this.#ensured.get(name) === ensuring) this.#ensured.delete(name);
    });
    return ensuring;
  }
}
