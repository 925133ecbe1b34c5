import { type ControlPlaneFiles } from "./control-plane-files.ts";

/** The loopback ports of one control plane. */
export interface ControlPlanePorts {
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
}

/** etcd without fsync: nobody needs a test's data after a power failure. */
export const etcdArguments = (
  files: ControlPlaneFiles,
  ports: ControlPlanePorts,
): string[] => {
  const client = `http://127.0.0.1:${ports.etcdClient}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    "--name=default",
    `--data-dir=${files.etcdData}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
};

/**
 * kube-apiserver with tokens and RBAC. Pods need no service account here, and the taint for nodes that are not Ready
 * yet is off, since nobody would take it from the fake node.
 */
export const apiServerArguments = (
  files: ControlPlaneFiles,
  ports: ControlPlanePorts,
  auditLog: boolean,
): string[] => [
  `--etcd-servers=http://127.0.0.1:${ports.etcdClient}`,
  `--cert-dir=${files.certificates}`,
  `--secure-port=${ports.apiServer}`,
  "--bind-address=127.0.0.1",
  "--advertise-address=127.0.0.1",
  "--endpoint-reconciler-type=none",
  `--service-account-key-file=${files.serviceAccountKey}`,
  `--service-account-signing-key-file=${files.serviceAccountKey}`,
  "--service-account-issuer=https://kubernetes.default.svc",
  `--token-auth-file=${files.tokens}`,
  "--authorization-mode=RBAC",
  "--service-cluster-ip-range=10.96.0.0/16",
  "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
  "--profiling=false",
  ...(auditLog
    ? [
        `--audit-policy-file=${files.auditPolicy}`,
        `--audit-log-path=${files.auditLog}`,
      ]
    : []),
];

/** Above the defaults, so that a few hundred objects do not wait on the controllers' own rate limit. */
const clientLimits = ["--kube-api-qps=200", "--kube-api-burst=400"];

/** All controllers but those that look after machines and networks, of which there are none. */
export const controllerManagerArguments = (
  files: ControlPlaneFiles,
): string[] => [
  `--kubeconfig=${files.kubeconfig}`,
  `--service-account-private-key-file=${files.serviceAccountKey}`,
  `--root-ca-file=${files.caCert}`,
  "--controllers=*,-node-lifecycle-controller,-node-ipam-controller,-node-route-controller,-cloud-node-lifecycle-controller",
  "--leader-elect=false",
  "--secure-port=0",
  ...clientLimits,
];

/** kube-scheduler alone, without an election. */
export const schedulerArguments = (files: ControlPlaneFiles): string[] => [
  `--kubeconfig=${files.kubeconfig}`,
  "--leader-elect=false",
  "--secure-port=0",
  ...clientLimits,
];

/** kwok with our own stages for pods and without node leases, which would be written for ever. */
export const kwokArguments = (files: ControlPlaneFiles): string[] => [
  `--kubeconfig=${files.kubeconfig}`,
  `--config=${files.stages}`,
  "--manage-all-nodes=true",
  "--node-lease-duration-seconds=0",
];
