export { type ChildProgram, startChild, tailOf } from "./child-program.ts";
export { type ClusterWrite, isOfSpoke } from "./cluster-write.ts";
export { type FleetFollower, followFleet } from "./fleet-follower.ts";
export { type FleetRepo, createFleetRepo } from "./fleet-repo.ts";
export { type GitServer, startGitServer } from "./git-server.ts";
export { type KubeAccess, askKube, kubeAccessOf } from "./kube-access.ts";
export {
  type ClusterFactory,
  type LocalCluster,
  createRealClusters,
  createSimulatedClusters,
} from "./local-cluster.ts";
export {
  type LocalFleet,
  type LocalFleetOptions,
  startLocalFleet,
} from "./local-fleet.ts";
