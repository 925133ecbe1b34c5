/** Name of the one node of a control plane with kwok. */
export const fakeNodeName = "fake-node";

const conditions = (now: string) =>
  [
    ["Ready", "True", "FakeNode"],
    ["MemoryPressure", "False", "FakeNode"],
    ["DiskPressure", "False", "FakeNode"],
    ["PIDPressure", "False", "FakeNode"],
  ].map(([type, status, reason]) => ({
    type,
    status,
    reason,
    message: "",
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  }));

/**
 * A node that is Ready from the start and stays so: the controller that would miss its heartbeats is not run, so that
 * nothing writes while the cluster idles.
 */
export const fakeNode = (now: Date): unknown => {
  const room = { cpu: "256", memory: "1Ti", pods: "5000" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: fakeNodeName,
      annotations: { "kwok.x-k8s.io/node": "fake" },
      labels: {
        "kubernetes.io/hostname": fakeNodeName,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
      },
    },
    status: {
      capacity: room,
      allocatable: room,
      conditions: conditions(now.toISOString().replace(/\.\d+/, "")),
      addresses: [{ type: "InternalIP", address: "10.255.0.1" }],
      nodeInfo: {
        architecture: "amd64",
        bootID: "",
        containerRuntimeVersion: "",
        kernelVersion: "",
        kubeProxyVersion: "",
        kubeletVersion: "fake",
        machineID: "",
        operatingSystem: "linux",
        osImage: "",
        systemUUID: "",
      },
    },
  };
};
