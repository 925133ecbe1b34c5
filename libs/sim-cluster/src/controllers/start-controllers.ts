import { type ClusterState } from "../cluster-state.ts";
import { type Controller } from "./controller.ts";
import { ControllerLoop } from "./controller-loop.ts";
import { createDefinitionController } from "./definitions.ts";
import { GarbageCollector } from "./garbage.ts";
import { namespaceController } from "./namespaces.ts";

/** Starts every controller; the returned function stops them. */
export function startControllers(
  state: ClusterState,
  readyAfterMs: number,
): () => void {
  const controllers: readonly Controller[] = [
    createDefinitionController(),
    namespaceController,
  ];
  const loops = controllers.map(
    (each) => new ControllerLoop(each, state, readyAfterMs),
  );
  const collector = new GarbageCollector(state);
  collector.start();
  for (const loop of loops) loop.start();
  return () => {
    for (const loop of loops) loop.stop();
    collector.stop();
  };
}
