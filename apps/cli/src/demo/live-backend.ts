import { setTimeout as delay } from "node:timers/promises";
import { type LocalCluster, askKube } from "@wheelhouse/local-fleet";

const deploymentPath = "/apis/apps/v1/namespaces/webapp/deployments/backend";

/** What a person in a hurry sets, past Git. */
export const editedImage = "ghcr.io/stefanprodan/podinfo:6.0.0";

/** How the hurried person's tool names itself. */
export const editor = "kubectl-edit";

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { image: string }[] };
    };
  };
}

const patienceMs = 120_000;

/** Changes the backend's image as `kubectl edit` does. */
export async function editBackend({ access }: LocalCluster): Promise<void> {
  const live = (await askKube(access, deploymentPath)) as Deployment;
  const { containers } = live.spec.template.spec;
  await askKube(access, deploymentPath, {
    spec: {
      template: {
        spec: {
          containers: containers.map((one) => ({ ...one, image: editedImage })),
        },
      },
    },
  });
}

/** The image that the live backend names. */
export async function readImage({ access }: LocalCluster): Promise<string> {
  const live = (await askKube(access, deploymentPath)) as Deployment;
  return live.spec.template.spec.containers[0]?.image ?? "";
}

/** Resolves when the live backend has the image again that Git names; rejects after two minutes. */
export async function waitForImage(
  cluster: LocalCluster,
  wanted: string,
): Promise<void> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const image = await readImage(cluster);
    if (image === wanted) return;
    if (Date.now() > end) throw new Error(`the drift was not healed: ${image}`);
    await delay(50);
  }
}
