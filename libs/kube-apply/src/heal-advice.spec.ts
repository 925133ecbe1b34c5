import { expect, it } from "vitest";
import { adviseOnHeal } from "./heal-advice.ts";

const refused = {
  ...{ message: "no", isTransient: false },
} as const;
const service = { group: "", kind: "Service", namespace: "webapp", name: "a" };
const role = {
  ...{ group: "rbac.authorization.k8s.io", kind: "ClusterRole" },
  ...{ namespace: "", name: "a" },
};

it.each([
  ["Invalid", service, /^no; .*: kubectl edit service a -n webapp$/],
  [
    "Invalid",
    role,
    /: kubectl edit clusterrole\.rbac\.authorization\.k8s\.io a$/,
  ],
  ["Immutable", service, /^no; .*`force: true`/],
  ["Denied", service, /^no$/],
])("keeps the server's words, and says what mends %s", (reason, id, words) => {
  expect(adviseOnHeal({ ...refused, kind: "refused", reason }, id)).toMatch(
    words,
  );
});
