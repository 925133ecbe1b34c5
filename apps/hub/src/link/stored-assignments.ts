import { type Digest, type SignedEnvelope } from "@wheelhouse/assignment";
import { type HubStore } from "@wheelhouse/hub-store";
import { type AssignmentMark } from "@wheelhouse/protocol";
import { type AssignmentSource } from "@wheelhouse/spoke-sessions";

/** What clusters should run, from the hub's store. */
export class StoredAssignments implements AssignmentSource {
  readonly #store: Pick<HubStore, "assignments" | "artifacts">;

  constructor(store: Pick<HubStore, "assignments" | "artifacts">) {
    this.#store = store;
  }

  async latest(uid: string): Promise<AssignmentMark | null> {
    const newest = await this.#store.assignments.newest(uid);
    if (newest === null) return null;
    const { epoch, seq, root } = newest.envelope;
    return { epoch, seq, root };
  }

  async load(
    uid: string,
    epoch: number,
    seq: number,
  ): Promise<SignedEnvelope | undefined> {
    const found = await this.#store.assignments.get(uid, { epoch, seq });
    return found?.signed;
  }

  async artifact(uid: string, digest: Digest): Promise<Uint8Array | undefined> {
    const isNamed = await this.#store.assignments.names(uid, digest);
    if (!isNamed) return undefined;
    return (await this.#store.artifacts.get(digest)) ?? undefined;
  }
}
