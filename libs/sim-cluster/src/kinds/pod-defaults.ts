import {
  ensureObject,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  stringAt,
} from "../json.ts";

/** Sets a field that was not given. */
export function setDefault(owner: JsonObject, key: string, value: Json): void {
  if (owner[key] === undefined || owner[key] === null) owner[key] = value;
}

/** The objects of a list. */
export function objectsAt(owner: JsonObject, key: string): JsonObject[] {
  return listAt(owner, key).filter(isObject);
}

/** What the server fills in for a pod's spec, in a pod or a template. */
export function defaultPodSpec(spec: JsonObject): void {
  setDefault(spec, "restartPolicy", "Always");
  setDefault(spec, "terminationGracePeriodSeconds", 30);
  setDefault(spec, "dnsPolicy", "ClusterFirst");
  setDefault(spec, "securityContext", {});
  setDefault(spec, "schedulerName", "default-scheduler");
  const account = spec["serviceAccountName"] ?? spec["serviceAccount"];
  if (account !== undefined) {
    spec["serviceAccountName"] = account;
    spec["serviceAccount"] = account;
  }
  for (const container of [
    ...objectsAt(spec, "initContainers"),
    ...objectsAt(spec, "containers"),
  ])
    defaultContainer(container, spec["hostNetwork"] === true);
  for (const volume of objectsAt(spec, "volumes")) defaultVolume(volume);
}

function defaultContainer(container: JsonObject, hostNetwork: boolean): void {
  setDefault(container, "terminationMessagePath", "/dev/termination-log");
  setDefault(container, "terminationMessagePolicy", "File");
  setDefault(
    container,
    "imagePullPolicy",
    pullPolicy(stringAt(container, "image")),
  );
  ensureObject(container, "resources");
  for (const port of objectsAt(container, "ports")) {
    setDefault(port, "protocol", "TCP");
    if (hostNetwork) setDefault(port, "hostPort", port["containerPort"] ?? 0);
  }
  for (const variable of objectsAt(container, "env")) {
    const from = variable["valueFrom"];
    if (isObject(from) && isObject(from["fieldRef"]))
      setDefault(from["fieldRef"], "apiVersion", "v1");
  }
  for (const kind of ["livenessProbe", "readinessProbe", "startupProbe"]) {
    const probe = container[kind];
    if (isObject(probe)) defaultProbe(probe);
  }
}

/** In a pod, though not in a template, a limit without a request is also the request. */
export function defaultRequests(spec: JsonObject): void {
  for (const container of objectsAt(spec, "containers"))
    requestLimits(ensureObject(container, "resources"));
}

function requestLimits(resources: JsonObject): void {
  const limits = resources["limits"];
  if (!isObject(limits)) return;
  const requests = ensureObject(resources, "requests");
  for (const [name, value] of Object.entries(limits))
    setDefault(requests, name, value);
}

function pullPolicy(image: string): string {
  const name = image.split("/").pop() ?? "";
  if (name.includes("@")) return "IfNotPresent";
  const tag = name.split(":")[1];
  return tag === undefined || tag === "latest" ? "Always" : "IfNotPresent";
}

function defaultProbe(probe: JsonObject): void {
  setDefault(probe, "timeoutSeconds", 1);
  setDefault(probe, "periodSeconds", 10);
  setDefault(probe, "successThreshold", 1);
  setDefault(probe, "failureThreshold", 3);
  const http = probe["httpGet"];
  if (isObject(http)) {
    setDefault(http, "scheme", "HTTP");
    setDefault(http, "path", "/");
  }
  if (isObject(probe["grpc"])) setDefault(probe["grpc"], "service", "");
}

/** 0644, as files of mounted volumes are written. */
const fileMode = 420;

function defaultVolume(volume: JsonObject): void {
  for (const kind of ["secret", "configMap", "downwardAPI", "projected"]) {
    const source = volume[kind];
    if (isObject(source)) setDefault(source, "defaultMode", fileMode);
  }
  const hostPath = volume["hostPath"];
  if (isObject(hostPath)) setDefault(hostPath, "type", "");
  const projected = volume["projected"];
  if (isObject(projected))
    for (const source of objectsAt(projected, "sources")) {
      const token = source["serviceAccountToken"];
      if (isObject(token)) setDefault(token, "expirationSeconds", 3600);
    }
  if (Object.keys(volume).length === 1) volume["emptyDir"] = {};
}
