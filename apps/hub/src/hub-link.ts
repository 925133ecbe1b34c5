import { type Clock } from "@wheelhouse/clock";
import { type HubStore } from "@wheelhouse/hub-store";
import {
  type SpokeServer,
  createSpokeServer,
} from "@wheelhouse/spoke-sessions";
import {
  type HubKeys,
  createCertificateAuthority,
  issueServerCertificate,
} from "@wheelhouse/trust";
import { type LiveSessions } from "@wheelhouse/spoke-sessions";
import { StoreSpokeRegistry } from "./link/spoke-registry.ts";
import { StoredAssignments } from "./link/stored-assignments.ts";
import { type HubLog } from "./log.ts";
import { type HubSettings } from "./settings.ts";

/** A new certificate is made when the old one has less left. */
const renewBeforeMs = 30 * 86_400_000;

/** What the hub's side of the link is made from. */
export interface HubLinkOptions {
  readonly settings: HubSettings;
  readonly hubVersion: string;
  readonly keys: HubKeys;
  readonly store: HubStore;
  readonly live: LiveSessions;
  readonly clock: Clock;
  readonly log: HubLog;
  readonly onJoined: () => void;
}

/** The link, and the address by which spokes reach it. */
export interface HubLink {
  readonly server: SpokeServer;
  readonly address: string;
  /** Makes a new server certificate where the old one nears its end. */
  renewCertificate(): Promise<void>;
}

/** Starts to listen for spokes. */
export async function startHubLink(options: HubLinkOptions): Promise<HubLink> {
  const { settings, keys, clock, log } = options;
  const names = namesOf(settings);
  const issue = () => issueServerCertificate(keys, names, clock.nowMs());
  let certificate = await issue();
  const tls = () => ({
    rootCertificate: keys.pin.certificate,
    certificateChain: certificate.certificateChain,
    privateKey: certificate.privateKey,
  });
  const { host, port } = settings.linkListen;
  const server = createSpokeServer({
    address: `${bracketed(host)}:${port}`,
    fleet: keys.delegation.fleet,
    hubVersion: options.hubVersion,
    heartbeatMs: settings.heartbeatMs,
    tls: tls(),
    registry: new StoreSpokeRegistry(options),
    assignments: new StoredAssignments(options.store),
    observer: options.live,
    authority: createCertificateAuthority(keys),
    clock,
    log: ({ level, message, uid, session, reason, error }) =>
      log[level](message, {
        ...(uid === undefined ? {} : { uid }),
        ...(session === undefined ? {} : { session }),
        ...(reason === undefined ? {} : { reason }),
        ...(error === undefined ? {} : { error }),
      }),
  });
  const bound = await server.start();
  return {
    server,
    address: settings.linkAddress ?? `${bracketed(host)}:${bound.port}`,
    renewCertificate: async () => {
      if (certificate.notAfterMs - clock.nowMs() > renewBeforeMs) return;
      certificate = await issue();
      server.updateTls(tls());
    },
  };
}

function namesOf({ linkListen, linkAddress }: HubSettings): readonly string[] {
  const outside = linkAddress?.slice(0, linkAddress.lastIndexOf(":"));
  return [linkListen.host, ...(outside === undefined ? [] : [outside])]
    .map((name) => name.replace(/^\[|\]$/g, ""))
    .filter((name) => name !== "0.0.0.0" && name !== "::");
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
