import { type ClusterState } from "../cluster-state.ts";
import {
  ensureObject,
  isObject,
  type JsonObject,
  listAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { setDefault } from "./pod-defaults.ts";

/** Services get addresses from 10.96.0.0/16, node ports from 30000 to 32767. */
const addressCount = 65_534;
const nodePorts = { first: 30_000, count: 2_768 };

/** Gives a service its addresses and node ports, or carries over those that it has. */
export function allocateService(
  state: ClusterState,
  service: JsonObject,
  live: JsonObject | undefined,
): void {
  const spec = ensureObject(service, "spec");
  if (stringAt(spec, "type") === "ExternalName") return;
  const before = objectAt(live, "spec");
  const address =
    stringAt(spec, "clusterIP") ||
    stringAt(before, "clusterIP") ||
    freeAddress(state);
  spec["clusterIP"] = address;
  setDefault(spec, "clusterIPs", [address]);
  if (address !== "None" || spec["selector"] !== undefined) {
    setDefault(spec, "ipFamilies", ["IPv4"]);
    setDefault(spec, "ipFamilyPolicy", "SingleStack");
  }
  if (["NodePort", "LoadBalancer"].includes(stringAt(spec, "type")))
    allocatePorts(state, spec, before);
}

function freeAddress(state: ClusterState): string {
  const taken = new Set(
    state.store
      .list("/services")
      .map((each) => stringAt(objectAt(each, "spec"), "clusterIP")),
  );
  for (;;) {
    const number = 2 + state.chance.below(addressCount - 2);
    const address = `10.96.${number >> 8}.${number & 255}`;
    if (!taken.has(address)) return address;
  }
}

function allocatePorts(
  state: ClusterState,
  spec: JsonObject,
  before: JsonObject,
): void {
  const known = listAt(before, "ports").filter(isObject);
  for (const port of listAt(spec, "ports").filter(isObject)) {
    const same = known.find(
      (each) =>
        each["port"] === port["port"] && each["protocol"] === port["protocol"],
    );
    const fresh = nodePorts.first + state.chance.below(nodePorts.count);
    setDefault(port, "nodePort", same?.["nodePort"] ?? fresh);
  }
}
