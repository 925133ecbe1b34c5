import {
  isObject,
  type JsonObject,
  listAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { ageOf } from "./age.ts";
import { type Column } from "./columns.ts";

const spec = (object: JsonObject) => objectAt(object, "spec");

function externalAddress(service: JsonObject): string {
  const external = listAt(spec(service), "externalIPs").map(String);
  switch (stringAt(spec(service), "type")) {
    case "ExternalName":
      return stringAt(spec(service), "externalName");
    case "LoadBalancer": {
      const balancer = objectAt(objectAt(service, "status"), "loadBalancer");
      const given = listAt(balancer, "ingress")
        .filter(isObject)
        .map((each) => stringAt(each, "ip") || stringAt(each, "hostname"));
      const all = [...given, ...external];
      return all.length === 0 ? "<pending>" : all.join(",");
    }
    default:
      return external.length === 0 ? "<none>" : external.join(",");
  }
}

function ports(service: JsonObject): string {
  const list = listAt(spec(service), "ports").filter(isObject);
  if (list.length === 0) return "<none>";
  return list
    .map((port) => {
      const node =
        port["nodePort"] === undefined ? "" : `:${String(port["nodePort"])}`;
      return `${String(port["port"])}${node}/${stringAt(port, "protocol")}`;
    })
    .join(",");
}

/** A service's columns after its name. */
export const serviceColumns: readonly Column[] = [
  { name: "Type", cell: (each) => stringAt(spec(each), "type") },
  {
    name: "Cluster-IP",
    cell: (each) => stringAt(spec(each), "clusterIP") || "<none>",
  },
  { name: "External-IP", cell: externalAddress },
  { name: "Port(s)", cell: ports },
  {
    name: "Age",
    cell: (each, now) =>
      ageOf(stringAt(objectAt(each, "metadata"), "creationTimestamp"), now),
  },
  {
    name: "Selector",
    priority: 1,
    cell: (each) => {
      const terms = Object.entries(objectAt(spec(each), "selector"))
        .map(([key, value]) => `${key}=${String(value)}`)
        .sort();
      return terms.length === 0 ? "<none>" : terms.join(",");
    },
  },
];
