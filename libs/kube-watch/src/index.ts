export { type ChangeListener } from "./object-view.ts";
export {
  type OwnedObjects,
  type OwnedObjectsOptions,
  type WatchProblem,
  createOwnedObjects,
} from "./owned-objects.ts";
export { trimObject } from "./trimmed-object.ts";
export {
  type ListPage,
  type WatchEvent,
  type WatchPort,
} from "./watch-port.ts";
