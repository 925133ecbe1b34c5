import {
  type Json,
  type KubeObject,
  fleetLabel,
  isEqualJson,
  isJsonObject,
  isKubeObject,
  objectIdOf,
  objectKey,
  readOwner,
  spokeNamespace,
} from "@wheelhouse/kube-object";
import { InventoryHistory } from "./inventory-history.ts";
import { ownedFields } from "./owned-fields.ts";
import { type TracedWrite } from "./traced-write.ts";

/** What the spokes of a cluster were told, and so may have done. */
export interface Expectation {
  readonly fleet: string;
  /** By seq, what each assignment has. */
  readonly assignments: ReadonlyMap<number, readonly ExpectedBundle[]>;
  /** Keys of objects that a person named for deletion. */
  readonly allowDelete?: ReadonlySet<string>;
  /** Keys of objects whose bundle may take over from anybody. */
  readonly mayForce?: ReadonlySet<string>;
  /** Keys of objects whose bundle permits that they are deleted and made anew. */
  readonly mayRecreate?: ReadonlySet<string>;
  /** Namespaces that a bundle needs and does not own. */
  readonly createNamespaces?: ReadonlySet<string>;
}

/** One bundle of an assignment, as a test gave it. */
export interface ExpectedBundle {
  readonly name: string;
  readonly objects: readonly KubeObject[];
}

/** An invariant of `docs/faults.md` that a write broke. */
export interface Violation {
  readonly invariant: "S3" | "S4" | "S5" | "S10" | "S17" | "S18" | "S21";
  readonly message: string;
}

/** Kinds that are deleted only where a person named the object. */
const protectedResources: ReadonlySet<string> = new Set([
  "namespaces",
  "persistentvolumes",
  "persistentvolumeclaims",
  "customresourcedefinitions",
  "apiservices",
  "validatingwebhookconfigurations",
  "mutatingwebhookconfigurations",
]);

/**
 * Goes through all writes of one cluster, by whomever, from the time at which
 * the spokes' state was empty, and says which broke an invariant. What a
 * spoke says of itself is not asked: only what the server was sent and did.
 */
export function checkWrites(
  writes: readonly TracedWrite[],
  expectation: Expectation,
): readonly Violation[] {
  const check = new WriteCheck(expectation);
  for (const write of writes) check.take(write);
  return check.violations;
}

interface LiveObject {
  readonly object: KubeObject;
  readonly key: string;
  /** The answer to the newest apply of it by a spoke was a refusal. */
  readonly wasRefused: boolean;
}

interface Acknowledgement {
  readonly seq: number;
  readonly at: number;
}

class WriteCheck {
  readonly violations: Violation[] = [];
  readonly #expectation: Expectation;
  readonly #inventory = new InventoryHistory();
  readonly #acknowledged: Acknowledgement[] = [];
  /** By path of the object. */
  readonly #live = new Map<string, LiveObject>();
  /** Every bundle that ever had an object, by key. */
  readonly #owners = new Map<string, Set<string>>();
  /** Changes of owner, by key and assignment. */
  readonly #transitions = new Map<string, number>();
  /** By uid, every field that a spoke ever owned. */
  readonly #everOwned = new Map<string, Set<string>>();

  constructor(expectation: Expectation) {
    this.#expectation = expectation;
  }

  take(write: TracedWrite): void {
    const { call, code, userAgent } = write;
    if (call.isDryRun) return;
    const isSpoke = userAgent.startsWith("wheelhouse-spoke");
    if (call.namespace === spokeNamespace) {
      if (code < 400) this.#takeState(write);
      return;
    }
    if (code >= 400) {
      if (isSpoke && call.verb === "patch") this.#refuse(write);
      return;
    }
    if (isSpoke) this.#judge(write);
    this.#remember(write);
  }

  #takeState({ call, sent, answered, endedAt }: TracedWrite): void {
    if (call.resource === "configmaps") {
      this.#inventory.take(call.name || nameOf(sent), endedAt, answered);
    }
    const name = call.name || nameOf(sent);
    if (call.resource !== "secrets" || name !== "wheelhouse-assignment") return;
    const seq = seqOf(sent);
    if (seq === undefined) return;
    const newest = this.#acknowledged.at(-1)?.seq ?? 0;
    if (seq < newest) this.#report("S5", `acknowledged ${seq} after ${newest}`);
    this.#acknowledged.push({ seq, at: endedAt });
  }

  #judge(write: TracedWrite): void {
    if (write.call.verb === "delete") this.#judgeDelete(write);
    else if (isObjectOf(write.sent, this.#expectation.fleet)) {
      this.#judgeApply(write, write.sent as KubeObject);
    } else this.#judgeOther(write);
  }

  /** What is neither an apply of ours nor a deletion: a namespace that is made ready, or marks that are taken off. */
  #judgeOther({ call, sent }: TracedWrite): void {
    const name = call.name || nameOf(sent);
    const isNamespace =
      call.verb === "create" &&
      call.resource === "namespaces" &&
      (name === spokeNamespace ||
        this.#expectation.createNamespaces?.has(name));
    const isUnmarking = call.verb === "patch" && !isKubeObject(sent);
    if (isNamespace || isUnmarking || call.resource === "events") return;
    this.#report("S10", `${call.verb} ${call.resource} ${name} is no apply`);
  }

  #judgeDelete({ call, sent, receivedAt }: TracedWrite): void {
    const live = this.#live.get(pathOf(call, undefined));
    const what = `DELETE ${call.resource} ${call.namespace}/${call.name}`;
    if (live === undefined) {
      return this.#report("S3", `${what}: of an object that nobody made`);
    }
    const { key, object } = live;
    const entry = this.#inventory.entryAt(key, receivedAt);
    if (entry === undefined) {
      return this.#report("S3", `${what}: it is not in the inventory`);
    }
    const sentUid = textAt(sent, "preconditions", "uid");
    if (sentUid === undefined || sentUid !== entry.uid) {
      this.#report("S3", `${what}: uid ${sentUid} is not the recorded one`);
    }
    if (textAt(sent, "preconditions", "resourceVersion") === undefined) {
      this.#report("S3", `${what}: without a resourceVersion`);
    }
    if (object.metadata["uid"] !== entry.uid) {
      this.#report("S3", `${what}: the live object is another one`);
    }
    const owner = `${this.#expectation.fleet}/${entry.bundle}`;
    if (readOwner(object) !== owner) {
      this.#report("S3", `${what}: its owner is ${readOwner(object)}`);
    }
    const isNamed = this.#expectation.allowDelete?.has(key) === true;
    if (protectedResources.has(call.resource) && !isNamed) {
      this.#report("S3", `${what}: its kind is protected`);
    }
    this.#judgeEvidence(what, key, entry.bundle, receivedAt);
  }

  /** S4: whatever the deletion follows from had been applied, and nothing that was refused stood against it. */
  #judgeEvidence(what: string, key: string, bundle: string, at: number): void {
    const wanted = this.#wantedAt(at);
    if (wanted === undefined) {
      return this.#report("S4", `${what}: under no assignment`);
    }
    const wants = wanted.some(({ objects }) =>
      objects.some((object) => keyOf(object) === key),
    );
    // It follows from what it shall become, and from nothing else.
    if (wants && this.#expectation.mayRecreate?.has(key) === true) return;
    if (wants) this.#report("S3", `${what}: the assignment has it`);
    const isAssigned = wanted.some(({ name }) => name === bundle);
    const relevant = wanted.filter(
      ({ name, objects }) =>
        !isAssigned ||
        name === bundle ||
        objects.some((object) => this.#owners.get(keyOf(object))?.has(bundle)),
    );
    for (const { name, objects } of relevant) {
      for (const object of objects) {
        const live = [...this.#live.values()].find(
          (one) => one.key === keyOf(object),
        );
        const isApplied =
          live?.wasRefused === false && hasAll(live.object, object);
        if (!isApplied) {
          this.#report(
            "S4",
            `${what}: ${keyOf(object)} of ${name} was not applied`,
          );
        }
      }
    }
  }

  #judgeApply(write: TracedWrite, sent: KubeObject): void {
    const { call, receivedAt } = write;
    const key = keyOf(sent);
    const owner = readOwner(sent)?.slice(this.#expectation.fleet.length + 1);
    const what = `apply of ${key}`;
    const entry = this.#inventory.entryAt(key, receivedAt);
    if (entry?.bundle !== owner) {
      this.#report(
        "S21",
        `${what} for ${owner}: the inventory says ${entry?.bundle}`,
      );
    }
    this.#judgeContent(what, key, sent, receivedAt);
    this.#judgeOwner(what, key, owner ?? "", write);
    if (call.isForced) this.#judgeForce(what, key, write);
  }

  /** What is applied is what the acknowledged assignment has, and no older one. */
  #judgeContent(what: string, key: string, sent: KubeObject, at: number): void {
    const isIn = (bundles: readonly ExpectedBundle[] | undefined) =>
      bundles?.some(({ objects }) =>
        objects.some((object) => keyOf(object) === key && hasAll(sent, object)),
      ) === true;
    if (isIn(this.#wantedAt(at))) return;
    const older = [...this.#expectation.assignments.values()].some(isIn);
    this.#report(
      older ? "S5" : "S10",
      `${what}: not as assignment ${this.#seqAt(at)} has it`,
    );
  }

  #judgeOwner(
    what: string,
    key: string,
    owner: string,
    { call, sent, receivedAt }: TracedWrite,
  ): void {
    const live = this.#live.get(pathOf(call, sent));
    const before = live && readOwner(live.object);
    const known = this.#owners.get(key) ?? new Set();
    this.#owners.set(key, known.add(owner));
    if (before === undefined || before.endsWith(`/${owner}`)) return;
    if (!before.startsWith(`${this.#expectation.fleet}/`)) {
      return this.#report("S17", `${what}: taken from ${before}`);
    }
    const turn = `${key} at ${this.#seqAt(receivedAt)}`;
    const times = (this.#transitions.get(turn) ?? 0) + 1;
    this.#transitions.set(turn, times);
    if (times > 1)
      this.#report("S17", `${what}: changed owners ${times} times`);
  }

  /** S18: a forced apply names the version that was judged, and takes from others only what a spoke had owned before. */
  #judgeForce(what: string, key: string, write: TracedWrite): void {
    if (this.#expectation.mayForce?.has(key) === true) return;
    if (textAt(write.sent, "metadata", "resourceVersion") === undefined) {
      this.#report("S18", `${what}: forced at no version`);
    }
    const before = this.#live.get(pathOf(write.call, write.sent))?.object;
    const ours = this.#everOwned.get(uidIn(before)) ?? new Set();
    const after = ownedFields(write.answered);
    for (const [manager, fields] of ownedFields(before)) {
      if (manager === "wheelhouse") continue;
      for (const field of fields) {
        const isTaken = after.get(manager)?.has(field) !== true;
        if (isTaken && !ours.has(field)) {
          this.#report("S18", `${what}: took ${field} from ${manager}`);
        }
      }
    }
  }

  #refuse({ call, sent }: TracedWrite): void {
    const path = pathOf(call, sent);
    const live = this.#live.get(path);
    if (live !== undefined) this.#live.set(path, { ...live, wasRefused: true });
  }

  #remember({ call, sent, answered }: TracedWrite): void {
    const path = pathOf(call, sent);
    if (call.verb === "deletecollection") return;
    if (call.verb === "delete" && !isKubeAnswer(answered)) {
      this.#live.delete(path);
      return;
    }
    if (!isKubeAnswer(answered)) return;
    const object = answered;
    this.#live.set(path, { object, key: keyOf(object), wasRefused: false });
    const ours = this.#everOwned.get(uidIn(object)) ?? new Set();
    for (const field of ownedFields(object).get("wheelhouse") ?? []) {
      ours.add(field);
    }
    this.#everOwned.set(uidIn(object), ours);
  }

  #seqAt(at: number): number | undefined {
    return this.#acknowledged.findLast((one) => one.at <= at)?.seq;
  }

  #wantedAt(at: number): readonly ExpectedBundle[] | undefined {
    const seq = this.#seqAt(at);
    return seq === undefined
      ? undefined
      : this.#expectation.assignments.get(seq);
  }

  #report(invariant: Violation["invariant"], message: string): void {
    this.violations.push({ invariant, message });
  }
}

function keyOf(object: KubeObject): string {
  return objectKey(objectIdOf(object));
}

function pathOf(call: TracedWrite["call"], sent: Json | undefined): string {
  const name = call.name || nameOf(sent);
  return `${call.group}/${call.resource}/${call.namespace}/${name}`;
}

/** Whether what was sent is an object with the marks of a fleet. */
function isObjectOf(sent: Json | undefined, fleet: string): boolean {
  if (!isKubeObject(sent)) return false;
  const labels = sent.metadata["labels"];
  return isJsonObject(labels) && labels[fleetLabel] === fleet;
}

/** An object, and not a Status, which a deletion may be answered with. */
function isKubeAnswer(answered: Json | undefined): answered is KubeObject {
  return isKubeObject(answered) && answered.kind !== "Status";
}

/** Whether an object has all that another has; the marks of ownership and what the server adds are let pass. */
function hasAll(object: Json | undefined, wanted: Json | undefined): boolean {
  if (isJsonObject(wanted)) {
    return (
      isJsonObject(object) &&
      Object.entries(wanted).every(([name, value]) =>
        hasAll(object[name], value),
      )
    );
  }
  if (Array.isArray(wanted)) {
    const items = object as readonly Json[] | undefined;
    return (
      Array.isArray(object) &&
      object.length === wanted.length &&
      (wanted as readonly Json[]).every((item, index) =>
        hasAll(items?.[index], item),
      )
    );
  }
  if (object === undefined || wanted === undefined) return object === wanted;
  return isEqualJson(object, wanted);
}

function nameOf(value: Json | undefined): string {
  return textAt(value, "metadata", "name") ?? "";
}

function uidIn(object: Json | undefined): string {
  return textAt(object, "metadata", "uid") ?? "";
}

function seqOf(secret: Json | undefined): number | undefined {
  const text = textAt(secret, "data", "seq");
  return text === undefined
    ? undefined
    : Number(Buffer.from(text, "base64").toString("utf8"));
}

function textAt(
  value: Json | undefined,
  ...path: readonly string[]
): string | undefined {
  let at = value;
  for (const step of path) at = isJsonObject(at) ? at[step] : undefined;
  return typeof at === "string" ? at : undefined;
}
