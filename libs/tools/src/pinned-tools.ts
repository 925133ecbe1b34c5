/** The official programs that Wheelhouse runs beside its own. */
export type ToolName =
  | "kustomize"
  | "helm"
  | "etcd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kwok"
  | "kubectl";

/** Programs of one Go module; they are built together, so that they share compilation. */
export type ModuleName = "kustomize" | "helm" | "etcd" | "kubernetes" | "kwok";

/** Where releases are published; a test or a mirror puts another origin here. */
export interface ReleaseOrigins {
  /** Default `https://dl.k8s.io`. */
  readonly kubernetes: string;
  /** Default `https://github.com`. */
  readonly github: string;
  /** Default `https://get.helm.sh`. */
  readonly helm: string;
}

/** A host as Go names it, for example `linux`/`amd64`. */
export interface Platform {
  readonly os: string;
  readonly arch: string;
}

/** One file of an official release and what it must hash to. */
export interface Release {
  readonly url: string;
  /** A sha256 written here in the source; it decides alone where it is given. */
  readonly sha256?: string;
  /** A file of the same release, either one bare hash or lines of `hash  name`. */
  readonly checksumUrl?: string;
  /** The program's path inside a `.tar.gz`; absent when the file is the program. */
  readonly member?: string;
}

/** A Go module and how its version is stamped into its programs. */
export interface PinnedModule {
  readonly path: string;
  readonly version: string;
  /** `-X` settings of the linker, name to value. */
  readonly stamps: Readonly<Record<string, string>>;
  /** Version of the modules that its go.mod replaces by `./staging/src/…`. */
  readonly stagingVersion?: string;
}

/** A program at the version that Wheelhouse is tested with. */
export interface PinnedTool {
  readonly name: ToolName;
  readonly version: string;
  readonly module: ModuleName;
  /** Its main package. */
  readonly goPackage: string;
  /** Arguments that make it print its version. */
  readonly versionArgs: readonly string[];
  /**
   * Which other versions fit: `minor`, any patch of the same minor; `minor-or-newer`, the same major at this minor or
   * a later one. Alpha, beta and release candidates never fit.
   */
  readonly fits: "minor" | "minor-or-newer";
  /** The official release for a platform, where there is one. */
  readonly release: (
    platform: Platform,
    origins: ReleaseOrigins,
  ) => Release | undefined;
}

export const officialOrigins: ReleaseOrigins = {
  kubernetes: "https://dl.k8s.io",
  github: "https://github.com",
  helm: "https://get.helm.sh",
};

const kubernetesVersion = "1.36.3";
const kustomizeVersion = "5.8.1";
const helmVersion = "3.22.0";
const etcdVersion = "3.6.8";
const kwokVersion = "0.8.0";

/** Hashes of release files by file name; others are checked against the release's own list of hashes. */
const pinnedHashes: Readonly<Record<string, string>> = {
  "kustomize_v5.8.1_linux_amd64.tar.gz":
    "029a7f0f4e1932c52a0476cf02a0fd855c0bb85694b82c338fc648dcb53a819d",
  "kubectl-v1.36.3-linux-amd64":
    "ebbd080e7c2e275093b55915722043257eb24004363e20acb3c4d71919f88336",
  "kwok-v0.8.0-linux-amd64":
    "f5a4385a2ae1b9dd7f8acae18e002a75c0ebba124ae9d7259aa8dadb50711f46",
};

const pinned = (file: string): { sha256?: string } => {
  const sha256 = pinnedHashes[file];
  return sha256 === undefined ? {} : { sha256 };
};

/** The Go modules, by name. */
export const pinnedModules: Readonly<Record<ModuleName, PinnedModule>> = {
  kustomize: {
    path: "sigs.k8s.io/kustomize/kustomize/v5",
    version: kustomizeVersion,
    stamps: {
      "sigs.k8s.io/kustomize/api/provenance.version": `v${kustomizeVersion}`,
    },
  },
  helm: {
    path: "helm.sh/helm/v3",
    version: helmVersion,
    stamps: {
      "helm.sh/helm/v3/internal/version.version": `v${helmVersion}`,
      "helm.sh/helm/v3/internal/version.gitTreeState": "clean",
    },
  },
  etcd: {
    path: "go.etcd.io/etcd/server/v3",
    version: etcdVersion,
    stamps: {},
  },
  kubernetes: {
    path: "k8s.io/kubernetes",
    version: kubernetesVersion,
    stagingVersion: kubernetesVersion.replace(/^1\./, "0."),
    stamps: {
      "k8s.io/component-base/version.gitVersion": `v${kubernetesVersion}`,
      "k8s.io/component-base/version.gitMajor": "1",
      "k8s.io/component-base/version.gitMinor":
        kubernetesVersion.split(".")[1] ?? "",
      "k8s.io/component-base/version.gitTreeState": "clean",
    },
  },
  kwok: {
    path: "sigs.k8s.io/kwok",
    version: kwokVersion,
    stamps: {}, // its source carries the version
  },
};

const kubernetesTool = (
  name: ToolName,
  options: { onDarwin: boolean; versionArgs: readonly string[] },
): PinnedTool => ({
  name,
  version: kubernetesVersion,
  module: "kubernetes",
  goPackage: `k8s.io/kubernetes/cmd/${name}`,
  versionArgs: options.versionArgs,
  fits: "minor",
  release: ({ os, arch }, { kubernetes }) => {
    if (os !== "linux" && !options.onDarwin) return undefined;
    const url = `${kubernetes}/v${kubernetesVersion}/bin/${os}/${arch}/${name}`;
    return {
      url,
      checksumUrl: `${url}.sha256`,
      ...pinned(`${name}-v${kubernetesVersion}-${os}-${arch}`),
    };
  },
});

const server = { onDarwin: false, versionArgs: ["--version"] };

/** Every tool at its pinned version: the one place where versions, addresses and hashes stand. */
export const pinnedTools: Readonly<Record<ToolName, PinnedTool>> = {
  kustomize: {
    name: "kustomize",
    version: kustomizeVersion,
    module: "kustomize",
    goPackage: "sigs.k8s.io/kustomize/kustomize/v5",
    versionArgs: ["version"],
    fits: "minor-or-newer",
    release: ({ os, arch }, { github }) => {
      const base = `${github}/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv${kustomizeVersion}`;
      const file = `kustomize_v${kustomizeVersion}_${os}_${arch}.tar.gz`;
      return {
        url: `${base}/${file}`,
        checksumUrl: `${base}/checksums.txt`,
        member: "kustomize",
        ...pinned(file),
      };
    },
  },
  helm: {
    name: "helm",
    version: helmVersion,
    module: "helm",
    goPackage: "helm.sh/helm/v3/cmd/helm",
    versionArgs: ["version", "--short"],
    fits: "minor-or-newer",
    release: ({ os, arch }, { helm }) => {
      const file = `helm-v${helmVersion}-${os}-${arch}.tar.gz`;
      return {
        url: `${helm}/${file}`,
        checksumUrl: `${helm}/${file}.sha256sum`,
        member: `${os}-${arch}/helm`,
        ...pinned(file),
      };
    },
  },
  etcd: {
    name: "etcd",
    version: etcdVersion,
    module: "etcd",
    goPackage: "go.etcd.io/etcd/server/v3",
    versionArgs: ["--version"],
    fits: "minor",
    release: ({ os, arch }, { github }) => {
      if (os !== "linux") return undefined; // elsewhere it is a zip, which tar does not read everywhere
      const base = `${github}/etcd-io/etcd/releases/download/v${etcdVersion}`;
      const stem = `etcd-v${etcdVersion}-${os}-${arch}`;
      return {
        url: `${base}/${stem}.tar.gz`,
        checksumUrl: `${base}/SHA256SUMS`,
        member: `${stem}/etcd`,
        ...pinned(`${stem}.tar.gz`),
      };
    },
  },
  "kube-apiserver": kubernetesTool("kube-apiserver", server),
  "kube-controller-manager": kubernetesTool("kube-controller-manager", server),
  "kube-scheduler": kubernetesTool("kube-scheduler", server),
  kubectl: kubernetesTool("kubectl", {
    onDarwin: true,
    versionArgs: ["version", "--client", "-o", "json"],
  }),
  kwok: {
    name: "kwok",
    version: kwokVersion,
    module: "kwok",
    goPackage: "sigs.k8s.io/kwok/cmd/kwok",
    versionArgs: ["--version"],
    fits: "minor",
    release: ({ os, arch }, { github }) => {
      const hash = pinned(`kwok-v${kwokVersion}-${os}-${arch}`);
      // kwok publishes no list of hashes: without one of ours its file cannot be checked, and is not used.
      if (hash.sha256 === undefined) return undefined;
      return {
        url: `${github}/kubernetes-sigs/kwok/releases/download/v${kwokVersion}/kwok-${os}-${arch}`,
        ...hash,
      };
    },
  },
};
