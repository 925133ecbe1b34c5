import {
  type FakeSpoke,
  type TestRepository,
  createTestRepository,
  startFakeSpoke,
  waitUntil,
} from "@wheelhouse/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HubUnderTest } from "../hub-under-test.ts";

const name = "staging-1";

const clusterFile = (uids: readonly string[]) => `
apiVersion: fleet.wheelhouse.dev/v1alpha1
kind: Cluster
metadata: { name: ${name} }
spec: { path: ./clusters/all, revokedUids: ${JSON.stringify(uids)} }
`;

const configMap =
  "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web, namespace: default }\n";

let underTest: HubUnderTest;
let repo: TestRepository;
let spoke: FakeSpoke | null;

beforeEach(async () => {
  underTest = new HubUnderTest();
  repo = createTestRepository(underTest.repo);
  spoke = null;
  await underTest.init();
});

afterEach(async () => {
  spoke?.stop();
  await underTest.discard();
});

async function follow(uids: readonly string[]): Promise<void> {
  const commit = repo.commit(`revoked: ${uids.join()}`, {
    [`fleet/clusters/${name}.yaml`]: clusterFile(uids),
    "clusters/all/web.yaml": configMap,
  });
  await waitUntil(
    commit,
    async () => (await underTest.client().fleet()).head?.commit === commit,
    15_000,
  );
}

/** Why the hub ends the session of a spoke that calls now. */
async function refusal(one: FakeSpoke): Promise<string> {
  one.stop();
  await waitUntil("ended", () => one.ended !== null, 15_000);
  one.connect();
  await waitUntil("refused", () => one.ended !== null, 15_000);
  return one.ended ?? "";
}

describe("a uid that Git revokes", () => {
  it("is refused, and stays so when the line goes, the Cluster object and the hub", async () => {
    await underTest.start();
    await follow([]);
    const join = await underTest.client().addCluster({ name });
    spoke = await startFakeSpoke({ join });
    await follow([join.uid]);
    expect(await refusal(spoke)).toMatch(/revoked/i);
    await follow([]);
    expect(await refusal(spoke)).toMatch(/revoked/i);
    const address = underTest.hub.linkAddress;
    await underTest.stop();
    await underTest.start(["--link-listen", address]);
    expect(await refusal(spoke)).toMatch(/revoked/i);
    const view = await underTest.client().fleet();
    expect(view.notices.join()).toContain(join.uid);
  });
});
