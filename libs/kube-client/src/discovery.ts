import {
  type DiscoveryPort,
  KubeError,
  type ServedKind,
} from "@wheelhouse/kube-apply";
import {
  type GroupVersionKind,
  type Json,
  compareBytewise,
  formatApiVersion,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";
import { type Clock } from "@wheelhouse/clock";
import { type Requester } from "./requester.ts";
import {
  type ServedGroups,
  type ServedVersion,
  readAggregated,
  readGroupList,
  readResourceList,
} from "./served-groups.ts";

const aggregated = ["v2", "v2beta1"]
  .map(
    (version) =>
      `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
  )
  .concat("application/json")
  .join(",");

/** At most this many capabilities are told. */
const maxCapabilities = 5_000;

type Options = { readonly signal?: AbortSignal };

/** A kind that is not found is asked for again where the answer is older than this, in milliseconds. */
const missAgeMs = 10_000;

/**
 * Learns what the server serves by two requests (aggregated discovery), or
 * one for each group and version on older servers, and keeps it until
 * `refresh`, or until a kind is missed in an answer that is over 10 s old. Where a group's server is down, only questions about that group
 * fail.
 */
export class KubeDiscovery implements DiscoveryPort {
  readonly #requester: Requester;
  readonly #clock: Clock;
  #groups: Promise<ServedGroups> | undefined;
  #askedAt = 0;
  /** How often the server was asked: an answer of a later question is newer than the call that began before it. */
  #questions = 0;

  constructor(requester: Requester, clock: Clock) {
    this.#requester = requester;
    this.#clock = clock;
  }

  find(
    gvk: GroupVersionKind,
    options: Options = {},
  ): Promise<ServedKind | undefined> {
    return this.#lookUp(options, (groups) => {
      const versions = groups.get(gvk.group) ?? [];
      const version = versions.find((one) => one.version === gvk.version);
      return version === undefined ? undefined : kindIn(version, gvk);
    });
  }

  findByKind(
    group: string,
    kind: string,
    options: Options & { readonly fresh?: boolean } = {},
  ): Promise<ServedKind | undefined> {
    return this.#lookUp(options, (groups) => {
      const versions = groups.get(group) ?? [];
      for (const version of versions) {
        const served = version.kinds.get(kind);
        if (served !== undefined) return served;
      }
      // Not found in any: only then does a version that nobody answered for matter.
      for (const version of versions) {
        kindIn(version, { group, version: version.version, kind });
      }
      return undefined;
    });
  }

  async #lookUp(
    { signal, fresh = false }: Options & { readonly fresh?: boolean },
    select: (groups: ServedGroups) => ServedKind | undefined,
  ): Promise<ServedKind | undefined> {
    const options = signal === undefined ? {} : { signal };
    const asked = this.#questions;
    const answer = this.#learn(options);
    const isNew = this.#questions > asked;
    const found = select(await answer);
    const isOld = this.#clock.monotonicMs() - this.#askedAt >= missAgeMs;
    if (found !== undefined || isNew || !(isOld || fresh)) return found;
    // What another caller asked for meanwhile is new enough.
    if (this.#questions === asked) this.refresh();
    return select(await this.#learn(options));
  }

  refresh(): void {
    this.#groups = undefined;
  }

  async capabilities({
    fresh = false,
    ...options
  }: Options & { readonly fresh?: boolean } = {}): ReturnType<
    DiscoveryPort["capabilities"]
  > {
    if (fresh) this.refresh();
    const [groups, version] = await Promise.all([
      this.#learn(options),
      this.#get("/version", "application/json", options),
    ]);
    const names: string[] = [];
    const unanswered: string[] = [];
    for (const [group, versions] of groups) {
      for (const { version: name, kinds, isFresh } of versions) {
        const prefix = formatApiVersion(group, name);
        if (!isFresh) unanswered.push(prefix);
        for (const kind of kinds.keys()) names.push(`${prefix}/${kind}`);
      }
    }
    const gitVersion = isJsonObject(version)
      ? version["gitVersion"]
      : undefined;
    return {
      kubeVersion: typeof gitVersion === "string" ? gitVersion : "",
      apiVersions: names.sort(compareBytewise).slice(0, maxCapabilities),
      ...(unanswered.length === 0 ? {} : { unanswered }),
    };
  }

  /** Callers share one question; one caller's abort must not spoil it for the others, so it is asked without a signal. */
  async #learn({ signal }: Options): Promise<ServedGroups> {
    signal?.throwIfAborted();
    if (this.#groups === undefined) {
      this.#questions += 1;
      const asked = this.#ask();
      this.#askedAt = this.#clock.monotonicMs();
      this.#groups = asked;
      asked.catch(() => {
        if (this.#groups === asked) this.#groups = undefined;
      });
    }
    return this.#groups;
  }

  async #ask(): Promise<ServedGroups> {
    const [core, named] = await Promise.all([
      this.#get("/api", aggregated),
      this.#get("/apis", aggregated),
    ]);
    const isAggregated = [core, named].every(
      (list) => isJsonObject(list) && list["kind"] === "APIGroupDiscoveryList",
    );
    return isAggregated
      ? readAggregated([core, named])
      : this.#askEachGroup(core, named);
  }

  async #askEachGroup(core: Json, named: Json): Promise<ServedGroups> {
    const coreVersions = isJsonObject(core) ? core["versions"] : [];
    const versions = (isJsonList(coreVersions) ? coreVersions : []).filter(
      (version) => typeof version === "string",
    );
    const groups = [{ group: "", versions }, ...readGroupList(named)];
    const entries = await Promise.all(
      groups.map(async ({ group, versions: names }) => {
        const served = names.map((version) => this.#askOne(group, version));
        return [group, await Promise.all(served)] as const;
      }),
    );
    return new Map(entries);
  }

  async #askOne(group: string, version: string): Promise<ServedVersion> {
    const path = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
    try {
      const list = await this.#get(path, "application/json");
      return readResourceList(group, version, list);
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      // Nobody answers for this group: questions about it fail, others do not.
      return { version, isFresh: false, kinds: new Map() };
    }
  }

  #get(path: string, accept: string, options: Options = {}): Promise<Json> {
    const subject = { text: `discovery ${path}`, isSecret: false };
    return this.#requester.json({
      method: "GET",
      path,
      accept,
      subject,
      ...options,
    });
  }
}

function kindIn(
  version: ServedVersion,
  gvk: GroupVersionKind,
): ServedKind | undefined {
  const kind = version.kinds.get(gvk.kind);
  if (kind === undefined && !version.isFresh) {
    const name = formatApiVersion(gvk.group, gvk.version);
    throw new KubeError(
      "unreachable",
      `${gvk.kind}: discovery of ${name} is not available`,
    );
  }
  return kind;
}
