export {
  type FakeSpoke,
  type FakeSpokeOptions,
  startFakeSpoke,
} from "./fake-spoke.ts";
export {
  type StoreUnderTest,
  describeStoreContract,
} from "./store-contract.ts";
export {
  exampleArtifact,
  exampleAssignment,
  exampleBundle,
  exampleBundleSpec,
  exampleCommit,
  exampleRevision,
  exampleRollout,
  exampleRolloutState,
  exampleTarget,
} from "./store-examples.ts";
export {
  type Direction,
  type Fault,
  type FaultProxy,
  startFaultProxy,
} from "./fault-proxy.ts";
export { type ApiCall, type ApiVerb, parseApiCall } from "./api-call.ts";
export {
  type ApiFault,
  type ApiFaultProxy,
  type ApiFaultRule,
  type SetFault,
  type StruckRequest,
  startApiFaultProxy,
} from "./api-fault-proxy.ts";
export { type TracedWrite } from "./traced-write.ts";
export {
  type Expectation,
  type Violation,
  checkWrites,
} from "./spoke-invariants.ts";
export { ManualClock } from "./manual-clock.ts";
export { waitUntil } from "./wait-until.ts";
export { type TestRepository, createTestRepository } from "./git-repository.ts";
export { webChart } from "./web-chart.ts";
