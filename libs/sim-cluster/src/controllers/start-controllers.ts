import { type ClusterState } from "../cluster-state.ts";
import { type Controller } from "./controller.ts";
import { ControllerLoop } from "./controller-loop.ts";
import { autoscalerController } from "./autoscalers.ts";
import { createClaimController, volumeController } from "./claims.ts";
import { daemonSetController } from "./daemon-sets.ts";
import { createDefinitionController } from "./definitions.ts";
import { deploymentController } from "./deployments.ts";
import { disruptionBudgetController } from "./disruption-budgets.ts";
import { GarbageCollector } from "./garbage.ts";
import { jobController } from "./jobs.ts";
import { namespaceContentsController } from "./namespace-contents.ts";
import { namespaceController } from "./namespaces.ts";
import { createPodController } from "./pods.ts";
import { replicaSetController } from "./replica-sets.ts";
import { createServiceController } from "./services.ts";
import { statefulSetController } from "./stateful-sets.ts";

/** Starts every controller; the returned function stops them. */
export function startControllers(
  state: ClusterState,
  readyAfterMs: number,
): () => void {
  const controllers: readonly Controller[] = [
    createDefinitionController(),
    namespaceController,
    namespaceContentsController,
    deploymentController,
    replicaSetController,
    statefulSetController,
    daemonSetController,
    jobController,
    createPodController(),
    createClaimController(),
    volumeController,
    createServiceController(),
    autoscalerController,
    disruptionBudgetController,
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
