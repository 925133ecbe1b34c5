import { type Chance } from "./chance.ts";
import { type Clock } from "@wheelhouse/clock";
import { type ResourceTable } from "./resource.ts";
import { type OwnerIndex } from "./controllers/owner-index.ts";
import { type Store } from "./store.ts";

/** What every part of one simulated cluster works on. */
export interface ClusterState {
  readonly store: Store;
  readonly resources: ResourceTable;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly owners: OwnerIndex;
}

/** Who asks, and how a write is meant. */
export interface WriteRequest {
  readonly user: string;
  readonly userAgent: string;
  /** Name in managedFields. */
  readonly fieldManager: string;
  readonly dryRun: boolean;
  readonly fieldValidation: "Strict" | "Warn" | "Ignore";
  /** Sent back as Warning headers. */
  readonly warnings: string[];
}
