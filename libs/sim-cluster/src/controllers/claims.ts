import { type JsonObject, listAt, objectAt, stringAt } from "../json.ts";
import { objectKey } from "../store.ts";
import { type Controller, type ControllerContext } from "./controller.ts";
import { isDeleting, namespaceOf } from "./owned.ts";
import { askedBehaviour } from "./pod-behaviour.ts";

const claims = "/persistentvolumeclaims";
const volumes = "/persistentvolumes";
const claimFinalizer = "kubernetes.io/pvc-protection";
const volumeFinalizer = "kubernetes.io/pv-protection";

/** Binds claims to volumes that it makes after a while, and lets deleted ones go. */
export function createClaimController(): Controller {
  /** When each claim is bound. */
  const due = new Map<string, number>();
  return {
    name: "persistentvolume-binder",
    resource: claims,
    reconcile(context, key) {
      const claim = context.get(claims, key);
      if (claim === undefined || isDeleting(claim)) {
        due.delete(key);
        if (claim !== undefined)
          release(context, claims, claim, claimFinalizer);
        return undefined;
      }
      if (stringAt(objectAt(claim, "status"), "phase") !== "Pending")
        return undefined;
      if (askedBehaviour(claim) !== undefined) return undefined;
      const now = context.state.clock.nowMs();
      const at = due.get(key) ?? now + context.readyAfterMs;
      due.set(key, at);
      if (at > now) return at - now;
      due.delete(key);
      bind(context, claim);
      return undefined;
    },
  };
}

function release(
  context: ControllerContext,
  resource: string,
  object: JsonObject,
  finalizer: string,
): void {
  context.update(resource, object, (copy) => {
    const metadata = objectAt(copy, "metadata");
    metadata["finalizers"] = listAt(metadata, "finalizers").filter(
      (each) => each !== finalizer,
    );
  });
}

function bind(context: ControllerContext, claim: JsonObject): void {
  const metadata = objectAt(claim, "metadata");
  const spec = objectAt(claim, "spec");
  const name =
    stringAt(spec, "volumeName") || `pvc-${stringAt(metadata, "uid")}`;
  const storage =
    objectAt(objectAt(spec, "resources"), "requests")["storage"] ?? "1Gi";
  const shared = {
    accessModes: listAt(spec, "accessModes"),
    capacity: { storage },
  };
  context.create(volumes, "", {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      ...shared,
      claimRef: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        name: stringAt(metadata, "name"),
        namespace: namespaceOf(claim),
        uid: stringAt(metadata, "uid"),
      },
      hostPath: { path: `/var/lib/${name}` },
      persistentVolumeReclaimPolicy: "Delete",
      ...(spec["storageClassName"] === undefined
        ? {}
        : { storageClassName: spec["storageClassName"] }),
    },
  });
  const placed = context.update(claims, claim, (copy) => {
    objectAt(copy, "spec")["volumeName"] = name;
  });
  if (placed !== undefined)
    context.setStatus(claims, placed, { phase: "Bound", ...shared });
}

/** Marks volumes bound, and deletes those whose claim is gone. */
export const volumeController: Controller = {
  name: "persistentvolume",
  resource: volumes,
  also: {
    [claims]: ({ object, type }) => {
      const name = stringAt(objectAt(object, "spec"), "volumeName");
      return type === "DELETED" && name !== "" ? [objectKey("", name)] : [];
    },
  },
  reconcile(context, key) {
    const volume = context.get(volumes, key);
    if (volume === undefined) return undefined;
    if (isDeleting(volume)) {
      release(context, volumes, volume, volumeFinalizer);
      return undefined;
    }
    const spec = objectAt(volume, "spec");
    const reference = objectAt(spec, "claimRef");
    const uid = stringAt(reference, "uid");
    const found = context.get(
      claims,
      objectKey(stringAt(reference, "namespace"), stringAt(reference, "name")),
    );
    const held =
      found !== undefined && objectAt(found, "metadata")["uid"] === uid;
    if (
      uid !== "" &&
      !held &&
      spec["persistentVolumeReclaimPolicy"] === "Delete"
    )
      context.delete(volumes, volume);
    else {
      const phase = uid === "" ? "Available" : held ? "Bound" : "Released";
      context.setStatus(volumes, volume, {
        ...objectAt(volume, "status"),
        phase,
      });
    }
    return undefined;
  },
};
