export {
  type StoreUnderTest,
  describeStoreContract,
} from "./store-contract.ts";
export {
  exampleArtifact,
  exampleAssignment,
  exampleBundle,
  exampleCommit,
  exampleRevision,
  exampleRollout,
  exampleRolloutState,
  exampleTarget,
} from "./store-examples.ts";
