import { readFileSync } from "node:fs";
import { fruitlessAttempts, spokeLimits } from "@wheelhouse/hub-session";
import { protocolLimits as link } from "@wheelhouse/protocol";
import {
  defaultSessionLimits as hub,
  maxBundleLength,
  maxReconcileRequests,
} from "@wheelhouse/spoke-sessions";
import {
  clockSkewMs,
  delegationLifetimeMs,
  renewalGraceMs,
  spokeCertificateLifetimeMs,
} from "@wheelhouse/trust";
import { describe, expect, it } from "vitest";

const page = readFileSync(
  new URL("../../docs/protocol.md", import.meta.url),
  "utf8",
);

const kib = (bytes: number) => `${bytes / 1024} KiB`;
const mib = (bytes: number) => `${bytes / 1024 / 1024} MiB`;
const seconds = (ms: number) => `${ms / 1000} s`;
const count = (many: number) => many.toLocaleString("en-GB");

/** Every row of the page's table of limits, as the constants have it. */
const bounds: Readonly<Record<string, string>> = {
  message: mib(link.messageBytes),
  chunk: kib(link.chunkBytes),
  "envelope, artifact": mib(link.envelopeBytes),
  "artifacts missing for one assignment": mib(spokeLimits.missingBytes),
  "name, uid, version, time": `${count(link.nameLength)} characters`,
  "message for people, field path": `${count(link.messageLength)} characters`,
  "drifted value": `${count(link.valueLength)} characters`,
  "API versions in a hello; bundles in a report, and in a session": count(
    link.bundles,
  ),
  "bundles of a session, as JSON": `${maxBundleLength / 1024 / 1024} Mi characters`,
  "notes in a bundle, fields in a drift": count(link.notesPerBundle),
  "drift records, prune holds": `${count(link.driftRecords)}, ${count(link.pruneHolds)}`,
  "one report, before another message begins": mib(link.reportBytes),
  "certificates in a chain": count(link.chainLength),
  "first message": seconds(hub.firstMessageMs),
  "silence, or a spoke that does not read": seconds(hub.idleMs),
  "answer to a hello": seconds(spokeLimits.welcomeMs),
  "sessions of a uid": count(hub.sessionsPerUid),
  "control streams of a uid whose hello is not judged yet": count(
    hub.handshakesPerUid,
  ),
  "fetches at once under one key": `${hub.fetchesPerKey} (a spoke uses ${spokeLimits.parallelFetches})`,
  "joins and renewals at once": count(hub.enrollments),
  "joins and renewals at once of one IPv4 address, or of one /64 of IPv6":
    count(hub.enrollmentsPerAddress),
  "messages of a session": `${hub.messagesPerSecond} a second, ${hub.messageBurst} at once`,
  "messages to a spoke that does not read": `the newest of each kind, ${maxReconcileRequests} reconcile requests`,
  certificate: `${spokeCertificateLifetimeMs / 3_600_000} h, with ${clockSkewMs / 60_000} min before it for clocks that run behind`,
  delegation: delegationLifetimeMs === 365 * 86_400_000 ? "a year" : "?",
};

describe("the limits that docs/protocol.md names", () => {
  it("are those of the code, each and no other", () => {
    const section = page.slice(page.indexOf("## Limits"));
    const rows = section
      .slice(0, section.indexOf("A malformed message cuts"))
      .split("\n")
      .filter((line) => line.startsWith("| ") && !line.startsWith("| ---"))
      .slice(1)
      .map((line) => line.split("|").map((cell) => cell.trim()));
    expect(
      Object.fromEntries(
        rows.map(([, what = "", bound = ""]) => [what, bound]),
      ),
    ).toEqual(bounds);
  });

  it("share a row only where they are the same", () => {
    expect(link.artifactBytes).toBe(link.envelopeBytes);
    expect(link.apiVersions).toBe(link.bundles);
    expect(link.fieldsPerDrift).toBe(link.notesPerBundle);
    expect(spokeLimits.silenceMs).toBe(hub.idleMs);
  });

  it("are those of the text around the table", () => {
    const days = renewalGraceMs / 86_400_000;
    expect(page).toContain(`renews it by itself for ${days} days`);
    expect(page).toContain(`| within ${days} days `);
    expect(spokeLimits.mendAgainMs).toBe(600_000);
    expect(page).toContain("is asked for again after ten minutes");
    expect(fruitlessAttempts).toBe(3);
    expect(page).toContain("Three attempts in a row that bring nothing");
  });
});
