import { digestOf } from "@wheelhouse/assignment";
import {
  type JsonObject,
  type KubeObject,
  type ObjectId,
  objectKey,
} from "@wheelhouse/kube-object";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { soundBundle, soundEvidence } from "./prune-evidence.fixture.ts";
import {
  type BundleEvidence,
  type PruneCandidate,
  type PruneEvidence,
} from "./prune-evidence.ts";
import { type PruneDecision, decidePrune } from "./prune-gate.ts";

const bundle = "Kustomization/flux-system/webapp";
const now = Date.parse("2026-01-02T12:00:00Z");
const day = 24 * 60 * 60 * 1000;

const idOf = (name: string, more: Partial<ObjectId> = {}): ObjectId => ({
  group: "",
  kind: "ConfigMap",
  namespace: "webapp",
  name,
  ...more,
});

const liveOf = (id: ObjectId, metadata: JsonObject = {}): KubeObject => ({
  apiVersion: id.group === "" ? "v1" : `${id.group}/v1`,
  kind: id.kind,
  metadata: {
    name: id.name,
    namespace: id.namespace,
    uid: `uid-${id.name}`,
    resourceVersion: "7",
    annotations: { "fleet.wheelhouse.dev/owner": `demo/${bundle}` },
    ...metadata,
  },
});

function candidateOf(
  name = "a",
  more: Partial<PruneCandidate> = {},
): PruneCandidate {
  const id = more.id ?? idOf(name);
  return {
    id,
    key: objectKey(id),
    entry: {
      bundle,
      version: "v1",
      uid: `uid-${name}`,
      artifact: digestOf("artifact"),
      desired: "d",
      seen: "s",
      since: "2026-01-01T00:00:00Z",
      adopted: null,
    },
    live: { kind: "found", object: liveOf(id) },
    contents: { kind: "none" },
    candidateSinceMs: now - day,
    ...more,
  };
}

function evidenceOf(
  more: Partial<Omit<PruneEvidence, "bundles">> = {},
  of: Partial<BundleEvidence> = {},
): PruneEvidence {
  return soundEvidence(now, new Map([[bundle, { ...soundBundle, ...of }]]), {
    confirmation: { untilMs: now - 2 * day, afterMs: 60_000 },
    ...more,
  });
}

/** What the gate says of one candidate: `delete`, or list and reason. */
function verdictOf(decision: PruneDecision): string {
  const [deletion] = decision.deletes;
  if (deletion !== undefined) return "delete";
  const lists = ["forgets", "orphans", "holds", "keeps"] as const;
  const texts = lists.flatMap((list) =>
    decision[list].map(({ reason }) => `${list} ${reason}`),
  );
  return texts.join(", ");
}

const sound = evidenceOf().assignment;
const ageMs = (ms: number) => new Date(now - ms).toISOString();
const adopted = (ms: number): Partial<PruneCandidate> => ({
  entry: { ...candidateOf().entry, adopted: ageMs(ms) },
  candidateSinceMs: now - 1,
});
const kindOf = (group: string, kind: string): Partial<PruneCandidate> => {
  const id = idOf("a", { group, kind, namespace: "" });
  return {
    id,
    key: objectKey(id),
    live: { kind: "found", object: liveOf(id) },
  };
};
const liveWith = (metadata: JsonObject): Partial<PruneCandidate> => ({
  live: { kind: "found", object: liveOf(idOf("a"), metadata) },
});
const unserved = (isDefinitionGone: boolean): Partial<PruneCandidate> => ({
  live: { kind: "unserved", isDefinitionGone, message: "not served" },
});
const claim = (group: string, kind: string) =>
  kindOf(group, kind) as PruneCandidate;

/** Row by row: what differs from the one case in which everything holds. */
const rows: readonly (readonly [
  string,
  string,
  Partial<PruneCandidate>,
  PruneEvidence,
])[] = [
  ["everything holds", "delete", {}, evidenceOf()],
  [
    "1: not verified",
    "keeps NotVerified",
    {},
    evidenceOf({ assignment: { ...sound, isVerified: false } }),
  ],
  [
    "1: delegation expired",
    "holds DelegationExpired",
    {},
    evidenceOf({ assignment: { ...sound, isDelegationValid: false } }),
  ],
  [
    "1: not the newest",
    "keeps NotNewest",
    {},
    evidenceOf({ assignment: { ...sound, isNewest: false } }),
  ],
  [
    "1: no hub names the newest any more",
    "holds Unfresh",
    {},
    evidenceOf({ assignment: { ...sound, isFresh: false } }),
  ],
  [
    "1: no hub names the newest any more, though a person named it",
    "holds Unfresh",
    {},
    evidenceOf({
      assignment: { ...sound, isFresh: false },
      allowDelete: new Set([candidateOf().key]),
    }),
  ],
  [
    "1: no hub names the newest any more, and its bundle left with Orphan",
    "holds Unfresh",
    {},
    evidenceOf(
      { assignment: { ...sound, isFresh: false } },
      { isAssigned: false, deletionPolicy: "Orphan" },
    ),
  ],
  [
    "2: a bundle could not be built",
    "keeps NotAllBuilt",
    {},
    evidenceOf({ unsoundBundles: ["Kustomization/flux-system/other"] }),
  ],
  [
    "2: its bundle was not applied",
    "keeps ApplyFailed",
    {},
    evidenceOf({}, { isApplied: false }),
  ],
  [
    "3: the inventory is not known",
    "holds InventoryUnknown",
    {},
    evidenceOf({ inventoryProblem: "wheelhouse-inventory-03 was missing" }),
  ],
  [
    "4: another bundle has it",
    "keeps StillDesired",
    {},
    evidenceOf({ desiredBy: () => "Kustomization/flux-system/other" }),
  ],
  [
    "4: nothing is known of its bundle",
    "holds BundleUnknown",
    {},
    { ...evidenceOf(), bundles: new Map() },
  ],
  [
    "5: it cannot be read",
    "holds Unreadable",
    { live: { kind: "unreadable", message: "forbidden" } },
    evidenceOf(),
  ],
  ["5: it is gone", "forgets Gone", { live: { kind: "absent" } }, evidenceOf()],
  [
    "5: its kind is gone with its definition",
    "forgets KindGone",
    unserved(true),
    evidenceOf(),
  ],
  [
    "5: its kind is not served, and nobody knows that its definition is gone",
    "holds KindNotServed",
    unserved(false),
    evidenceOf(),
  ],
  [
    "5: its kind is not served, and a person named it",
    "forgets KindGone",
    unserved(false),
    evidenceOf({ allowDelete: new Set([candidateOf().key]) }),
  ],
  [
    "5: it cannot be read, though a person named it",
    "holds Unreadable",
    { live: { kind: "unreadable", message: "discovery is down" } },
    evidenceOf({ allowDelete: new Set([candidateOf().key]) }),
  ],
  [
    "5: it has another owner, and a person named it: the entry goes, not the object",
    "forgets NotOwned",
    liveWith({ annotations: {} }),
    evidenceOf({ allowDelete: new Set([candidateOf().key]) }),
  ],
  [
    "5: its uid was never recorded",
    "holds UidUnknown",
    { entry: { ...candidateOf().entry, uid: null } },
    evidenceOf(),
  ],
  [
    "5: it is another object by now",
    "forgets Replaced",
    liveWith({ uid: "another" }),
    evidenceOf(),
  ],
  [
    "5: it has no owner mark",
    "holds NotOwned",
    liveWith({ annotations: {} }),
    evidenceOf(),
  ],
  [
    "5: its owner's name only begins like ours",
    "holds NotOwned",
    liveWith({
      annotations: { "fleet.wheelhouse.dev/owner": `demo/${bundle}-2` },
    }),
    evidenceOf(),
  ],
  [
    "5: its fleet's name only begins like ours",
    "holds NotOwned",
    liveWith({
      annotations: { "fleet.wheelhouse.dev/owner": `demo-2/${bundle}` },
    }),
    evidenceOf(),
  ],
  [
    "6: it is on its way out",
    "keeps Terminating",
    liveWith({
      deletionTimestamp: "2026-01-02T11:59:00Z",
      annotations: { "fleet.wheelhouse.dev/owner": `demo/${bundle}` },
    }),
    evidenceOf(),
  ],
  [
    "7: a namespace",
    "holds ProtectedKind",
    kindOf("", "Namespace"),
    evidenceOf(),
  ],
  [
    "7: a definition",
    "holds ProtectedKind",
    kindOf("apiextensions.k8s.io", "CustomResourceDefinition"),
    evidenceOf(),
  ],
  [
    "7: a volume claim",
    "holds ProtectedKind",
    kindOf("", "PersistentVolumeClaim"),
    evidenceOf(),
  ],
  [
    "7: a webhook configuration",
    "holds ProtectedKind",
    kindOf("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    evidenceOf(),
  ],
  [
    "7: a namespace that a person named",
    "delete",
    kindOf("", "Namespace"),
    evidenceOf({ allowDelete: new Set([claim("", "Namespace").key]) }),
  ],
  [
    "8: a namespace that still holds something",
    "holds NotEmpty",
    {
      ...kindOf("", "Namespace"),
      contents: { kind: "some", example: "Pod/webapp/api" },
    },
    evidenceOf({ allowDelete: new Set([claim("", "Namespace").key]) }),
  ],
  [
    "8: a namespace whose contents could not be listed",
    "holds ContentsUnknown",
    {
      ...kindOf("", "Namespace"),
      contents: { kind: "unknown", message: "timeout" },
    },
    evidenceOf({ allowDelete: new Set([claim("", "Namespace").key]) }),
  ],
  [
    "9: its bundle has become empty",
    "holds EmptySource",
    {},
    evidenceOf({}, { desiredObjects: 0 }),
  ],
  [
    "9: its bundle left, within the budget",
    "delete",
    {},
    evidenceOf({}, { isAssigned: false }),
  ],
  [
    "10: first seen after a start",
    "keeps AwaitsSecondPass",
    { candidateSinceMs: now - 59_999 },
    evidenceOf({ confirmation: { untilMs: now, afterMs: 60_000 } }),
  ],
  [
    "10: seen again, long enough after",
    "delete",
    { candidateSinceMs: now - 60_000 },
    evidenceOf({ confirmation: { untilMs: now, afterMs: 60_000 } }),
  ],
  ["adopted an hour ago", "holds Adopted", adopted(day / 24), evidenceOf()],
  ["adopted a day ago", "delete", adopted(day), evidenceOf()],
  [
    "adopted an hour ago, by a wall that was set forward by a day",
    "holds Adopted",
    { ...adopted(day), candidateSinceMs: now - day / 24 },
    evidenceOf({ issuedAtMs: now - day + day / 24 }),
  ],
  [
    "adopted by a wall that was set back since, and a day was counted",
    "delete",
    { ...adopted(-day), candidateSinceMs: now - day },
    evidenceOf(),
  ],
  [
    "adopted, and named",
    "delete",
    adopted(1),
    evidenceOf({ allowDelete: new Set([candidateOf().key]) }),
  ],
  [
    "its bundle is suspended",
    "keeps Suspended",
    {},
    evidenceOf({}, { isSuspended: true }),
  ],
  [
    "its bundle left while it was suspended",
    "holds Suspended",
    {},
    evidenceOf({}, { isAssigned: false, isSuspended: true }),
  ],
  [
    "its bundle left while it was suspended, and it was only just seen after a start",
    "holds Suspended",
    { candidateSinceMs: now },
    evidenceOf(
      { confirmation: { untilMs: now + 1, afterMs: 60_000 } },
      { isAssigned: false, isSuspended: true },
    ),
  ],
  [
    "its bundle left while it was suspended, and it is named",
    "delete",
    {},
    evidenceOf(
      { allowDelete: new Set([candidateOf().key]) },
      { isAssigned: false, isSuspended: true },
    ),
  ],
  [
    "its bundle left while it was suspended, and somebody deleted it since",
    "forgets Gone",
    { live: { kind: "absent" } },
    evidenceOf({}, { isAssigned: false, isSuspended: true }),
  ],
  [
    "its bundle left with Orphan while it was suspended",
    "orphans Orphaned",
    {},
    evidenceOf(
      {},
      { isAssigned: false, isSuspended: true, deletionPolicy: "Orphan" },
    ),
  ],
  [
    "its bundle does not prune",
    "keeps PruneOff",
    {},
    evidenceOf({}, { prune: false }),
  ],
  [
    "its annotation forbids it, though named",
    "keeps PruneDisabled",
    liveWith({
      annotations: {
        "fleet.wheelhouse.dev/owner": `demo/${bundle}`,
        "kustomize.toolkit.fluxcd.io/prune": "disabled",
      },
    }),
    evidenceOf({ allowDelete: new Set([candidateOf().key]) }),
  ],
  [
    "its bundle left with Orphan",
    "orphans Orphaned",
    {},
    evidenceOf({}, { isAssigned: false, deletionPolicy: "Orphan" }),
  ],
  [
    "its bundle left with Orphan, and another owns it by now",
    "forgets NotOwned",
    liveWith({ annotations: {} }),
    evidenceOf({}, { isAssigned: false, deletionPolicy: "Orphan" }),
  ],
  [
    "its bundle left with Orphan, and it cannot be read",
    "holds Unreadable",
    { live: { kind: "unreadable", message: "forbidden" } },
    evidenceOf({}, { isAssigned: false, deletionPolicy: "Orphan" }),
  ],
  [
    "its bundle left without prune",
    "orphans Orphaned",
    {},
    evidenceOf({}, { isAssigned: false, prune: false }),
  ],
  [
    "its bundle left without prune, but with Delete",
    "delete",
    {},
    evidenceOf(
      {},
      { isAssigned: false, prune: false, deletionPolicy: "Delete" },
    ),
  ],
];

describe("the prune gate", () => {
  it.each(rows)("%s: %s", (_title, expected, more, evidence) => {
    const decision = decidePrune([candidateOf("a", more)], evidence);
    expect(verdictOf(decision)).toBe(expected);
  });

  it("deletes with the uid and resourceVersion that were read live", () => {
    expect(decidePrune([candidateOf()], evidenceOf()).deletes).toMatchObject([
      { uid: "uid-a", resourceVersion: "7" },
    ]);
  });

  it.each([
    [10, 11, "delete"],
    [11, 12, "OverBudget"],
    [20, 100, "delete"],
    [21, 100, "OverBudget"],
  ] as const)(
    "%i deletions of %i objects: %s (row 9)",
    (count, ownedObjects, expected) => {
      const candidates = Array.from({ length: count }, (_, index) =>
        candidateOf(`o${index}`),
      );
      const decision = decidePrune(
        candidates,
        evidenceOf({}, { ownedObjects }),
      );
      const reasons = new Set([
        ...decision.deletes.map(() => "delete"),
        ...decision.holds.map(({ reason }) => reason),
      ]);
      expect([...reasons]).toEqual([expected]);
    },
  );

  it("counts what waits for its second look, so that small steps do not add up", () => {
    const early = { candidateSinceMs: now - 1 };
    const candidates = Array.from({ length: 12 }, (_, index) =>
      candidateOf(`o${index}`, index < 6 ? early : {}),
    );
    const confirmation = { untilMs: now, afterMs: 60_000 };
    const decision = decidePrune(candidates, evidenceOf({ confirmation }));
    expect(decision.deletes).toEqual([]);
  });

  it.each([
    ["could not be read", { live: { kind: "unreadable", message: "403" } }],
    ["is protected for a day", adopted(day / 2)],
  ] as const)(
    "counts what %s, and goes later, against the budget",
    (_, more) => {
      const soon = Array.from({ length: 6 }, (_, index) =>
        candidateOf(`soon-${index}`),
      );
      const later = Array.from({ length: 5 }, (_, index) => {
        const candidate = candidateOf(`later-${index}`);
        const { adopted: adoptedAt = null } =
          "entry" in more ? more.entry! : {};
        return {
          ...candidate,
          ...("live" in more ? { live: more.live } : {}),
          entry: { ...candidate.entry, adopted: adoptedAt },
        } as PruneCandidate;
      });
      const decision = decidePrune([...soon, ...later], evidenceOf());
      expect(decision.deletes).toEqual([]);
      expect(decision.holds.map(({ reason }) => reason)).toContain(
        "OverBudget",
      );
    },
  );

  it("keeps the objects of a bundle that left until all bundles are applied", () => {
    const left = { isAssigned: false, desiredObjects: 0 };
    const decide = (isApplied: boolean) =>
      verdictOf(
        decidePrune([candidateOf()], evidenceOf({}, { ...left, isApplied })),
      );
    expect(decide(false)).toBe("keeps ApplyFailed");
    expect(decide(true)).toBe("delete");
  });

  it("judges every candidate exactly once, and the order of candidates does not matter", () => {
    fc.assert(
      fc.property(arbitraryCase, ({ candidates, evidence, shuffled }) => {
        const decision = decidePrune(candidates, evidence);
        const judged = [
          ...decision.deletes.map(({ candidate }) => candidate.key),
          ...decision.forgets.map(({ candidate }) => candidate.key),
          ...decision.orphans.map(({ candidate }) => candidate.key),
          ...decision.holds.map(({ candidate }) => candidate.key),
          ...decision.keeps.map(({ candidate }) => candidate.key),
        ].sort();
        expect(judged).toEqual(candidates.map(({ key }) => key).sort());
        expect(decidePrune(shuffled, evidence)).toEqual(decision);
      }),
    );
  });

  it("deletes only where every row holds, whatever the case", () => {
    fc.assert(
      fc.property(arbitraryCase, ({ candidates, evidence }) => {
        const { deletes } = decidePrune(candidates, evidence);
        for (const { candidate, uid } of deletes) {
          const { live, entry } = candidate;
          const isSound =
            evidence.assignment.isVerified &&
            evidence.assignment.isDelegationValid &&
            evidence.assignment.isNewest &&
            evidence.assignment.isFresh &&
            evidence.unsoundBundles.length === 0 &&
            evidence.inventoryProblem === undefined &&
            evidence.desiredBy(candidate.key) === undefined &&
            live.kind === "found" &&
            uid === entry.uid &&
            uid === live.object.metadata["uid"] &&
            candidate.contents.kind === "none";
          expect(isSound).toBe(true);
        }
        const unnamed = deletes.filter(
          ({ candidate }) => !evidence.allowDelete.has(candidate.key),
        );
        const of = evidence.bundles.get(bundle);
        const isFree = of?.isSuspended === false;
        expect(isFree || unnamed.length === 0).toBe(true);
        const owned = of?.ownedObjects ?? 0;
        expect(unnamed.length).toBeLessThanOrEqual(
          Math.max(10, Math.floor(owned * 0.2)),
        );
      }),
    );
  });
});

const arbitraryCandidate = fc
  .record({
    name: fc.stringMatching(/^[a-z]{1,3}$/),
    live: fc.constantFrom(
      "found",
      "absent",
      "unreadable",
      "another",
      "foreign",
    ),
    hasUid: fc.boolean(),
    contents: fc.constantFrom("none", "unknown"),
    sinceMs: fc.constantFrom(0, 30_000, 120_000),
  })
  .map(({ name, live, hasUid, contents, sinceMs }) => {
    const id = idOf(name);
    const metadata: JsonObject =
      live === "another"
        ? { uid: "another" }
        : live === "foreign"
          ? { annotations: {} }
          : {};
    return candidateOf(name, {
      contents:
        contents === "none"
          ? { kind: "none" as const }
          : { kind: "unknown" as const, message: "timeout" },
      candidateSinceMs: now - sinceMs,
      entry: { ...candidateOf(name).entry, uid: hasUid ? `uid-${name}` : null },
      live:
        live === "absent"
          ? { kind: "absent" }
          : live === "unreadable"
            ? { kind: "unreadable", message: "forbidden" }
            : { kind: "found", object: liveOf(id, metadata) },
    });
  });

const often = fc.integer({ min: 0, max: 9 }).map((dice) => dice > 0);

const arbitraryCase = fc
  .record({
    candidates: fc.uniqueArray(arbitraryCandidate, {
      maxLength: 25,
      selector: ({ key }) => key,
    }),
    isVerified: often,
    isDelegationValid: often,
    isNewest: often,
    isFresh: often,
    isSound: often,
    isKnown: often,
    named: fc.array(fc.stringMatching(/^[a-z]{1,3}$/)),
    desired: fc.array(fc.stringMatching(/^[a-z]{1,3}$/)),
    of: fc.record({
      isAssigned: fc.boolean(),
      isSuspended: fc.boolean(),
      desiredObjects: fc.nat(3),
      ownedObjects: fc.nat(200),
      isApplied: often,
      prune: often,
      deletionPolicy: fc.constantFrom("MirrorPrune", "Delete", "Orphan"),
    }),
    isQuarantined: fc.boolean(),
  })
  .chain((made) => {
    const keyOfName = (name: string) => objectKey(idOf(name));
    const desired = new Set(made.desired.map(keyOfName));
    const evidence = evidenceOf(
      {
        assignment: {
          isVerified: made.isVerified,
          isDelegationValid: made.isDelegationValid,
          isNewest: made.isNewest,
          isFresh: made.isFresh,
        },
        unsoundBundles: made.isSound ? [] : ["Kustomization/x/y"],
        inventoryProblem: made.isKnown ? undefined : "missing",
        desiredBy: (key) => (desired.has(key) ? bundle : undefined),
        allowDelete: new Set(made.named.map(keyOfName)),
        confirmation: {
          untilMs: made.isQuarantined ? now : 0,
          afterMs: 60_000,
        },
      },
      made.of as Partial<BundleEvidence>,
    );
    return fc.record({
      evidence: fc.constant(evidence),
      candidates: fc.constant(made.candidates),
      shuffled: fc.shuffledSubarray(made.candidates, {
        minLength: made.candidates.length,
      }),
    });
  });
