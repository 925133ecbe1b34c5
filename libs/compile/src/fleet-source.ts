import { type FluxSource, type SourceTree } from "@wheelhouse/fleet-model";
import { type SourceResolver } from "./source-trees.ts";

/** The fleet repo as a hub follows it. */
export interface FollowedRepo {
  /** Its address, in any of the forms that git takes. */
  readonly address: string;
  readonly branch: string;
  readonly tree: SourceTree;
}

/**
 * Finds the fleet repo where a source object names it by its address: it is the
 * cluster's own revision then, if the object follows the same branch. Another
 * branch, a tag or a commit is another revision, and not at hand.
 */
export function fleetSource({
  address,
  branch,
  tree,
}: FollowedRepo): SourceResolver {
  const own = comparableAddress(address);
  return (source) =>
    source.kind === "GitRepository" &&
    own !== "" &&
    comparableAddress(source.url) === own &&
    isBranch(source, branch)
      ? tree
      : undefined;
}

function isBranch({ ref }: FluxSource, branch: string): boolean {
  const fields = Object.keys(ref);
  return fields.every(
    (field) =>
      (field === "branch" && ref["branch"] === branch) ||
      (field === "name" && ref["name"] === `refs/heads/${branch}`),
  );
}

/** `host/path` of an address, without user, port, scheme and `.git`; as it is where it has no host. */
function comparableAddress(address: string): string {
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(address);
  const url = /^[a-z+]+:\/\/(?:[^@/]*@)?([^:/]+)(?::\d+)?\/(.+)$/i.exec(
    address,
  );
  const [, host = "", path = address] = url ?? scp ?? [];
  const plain = path.replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
  return host === "" ? plain : `${host.toLowerCase()}/${plain}`;
}
