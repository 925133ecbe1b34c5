import { listAt, objectAt } from "../json.ts";
import { type Controller } from "./controller.ts";
import { isDeleting } from "./owned.ts";
import { askedBehaviour } from "./pod-behaviour.ts";

/** Gives each LoadBalancer an address from the documentation range, after a while. */
export function createServiceController(): Controller {
  const due = new Map<string, number>();
  return {
    name: "service",
    resource: "/services",
    reconcile(context, key) {
      const service = context.get("/services", key);
      const balanced =
        service !== undefined &&
        !isDeleting(service) &&
        objectAt(service, "spec")["type"] === "LoadBalancer" &&
        askedBehaviour(service) === undefined;
      if (!balanced) {
        due.delete(key);
        return undefined;
      }
      const status = objectAt(service, "status");
      if (listAt(objectAt(status, "loadBalancer"), "ingress").length > 0)
        return undefined;
      const now = context.state.clock.nowMs();
      const at = due.get(key) ?? now + context.readyAfterMs;
      due.set(key, at);
      if (at > now) return at - now;
      due.delete(key);
      const ip = `203.0.113.${1 + context.state.chance.below(254)}`;
      context.setStatus("/services", service, {
        ...status,
        loadBalancer: { ingress: [{ ip, ipMode: "VIP" }] },
      });
      return undefined;
    },
  };
}
