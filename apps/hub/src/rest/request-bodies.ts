import { findLabelProblem } from "@wheelhouse/kube-object";
import {
  type AddClusterRequest,
  type ApprovePrunesRequest,
  type CreateTokenRequest,
  type LoginRequest,
  type ReconcileRequestBody,
  type RolloutActionRequest,
  type SuspendRequest,
} from "@wheelhouse/rest-api";
import { z } from "zod";
import { maxTokenMs } from "../people/people.ts";

/** A name as Kubernetes permits it for labels of DNS. */
const clusterName = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "a DNS label: at most 63 of a-z, 0-9 and -",
  );
const text = z.string().min(1).max(1_024);

/** As Git's would be: each label follows the rules of Kubernetes. */
const labels = z.record(text, text.or(z.literal(""))).check((given) => {
  for (const [key, value] of Object.entries(given.value)) {
    const message = findLabelProblem(key, value);
    if (message === null) continue;
    given.issues.push({ code: "custom", input: given.value, message });
  }
});

/** Absent and undefined are one to JSON. */
type Loose<T> = { readonly [K in keyof T]: T[K] | undefined } | T;

/** Makes sure that a schema reads what the contract says. */
const bodyOf = <T>(schema: z.ZodType<Loose<T>>, id: string) =>
  schema.meta({ id }) as unknown as z.ZodType<T>;

export const addClusterBody = bodyOf<AddClusterRequest>(
  z.strictObject({
    name: clusterName,
    labels: labels.optional(),
  }),
  "AddClusterRequest",
);

export const rolloutActionBody = bodyOf<RolloutActionRequest>(
  z.strictObject({
    wave: text.optional(),
    revision: z
      .string()
      .regex(/^[0-9a-f]{7,40}$/, "at least the first 7 digits of a commit")
      .optional(),
    generation: z.int().min(1).optional(),
  }),
  "RolloutActionRequest",
);

export const approvePrunesBody = bodyOf<ApprovePrunesRequest>(
  z.strictObject({
    objects: z
      .array(z.strictObject({ cluster: clusterName, key: text }))
      .min(1)
      .max(10_000),
  }),
  "ApprovePrunesRequest",
);

export const reconcileBody = bodyOf<ReconcileRequestBody>(
  z.strictObject({
    cluster: clusterName.optional(),
    bundle: text.optional(),
  }),
  "ReconcileRequestBody",
);

export const suspendBody = bodyOf<SuspendRequest>(
  z.strictObject({ cluster: clusterName, bundle: text.optional() }),
  "SuspendRequest",
);

export const createTokenBody = bodyOf<CreateTokenRequest>(
  z.strictObject({
    name: z
      .string()
      .regex(
        /^[A-Za-z0-9][-A-Za-z0-9_.@]{0,62}$/,
        "at most 63 of A-Z, a-z, 0-9, -, _, . and @",
      ),
    role: z.enum(["viewer", "operator", "admin"]),
    expiresInMs: z.number().min(60_000).max(maxTokenMs).optional(),
  }),
  "CreateTokenRequest",
);

export const loginBody = bodyOf<LoginRequest>(
  z.strictObject({ code: text.optional(), token: text.optional() }),
  "LoginRequest",
);
