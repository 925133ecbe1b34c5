import { type ServerCredentials, experimental } from "@grpc/grpc-js";

/** The hub's certificate and the root that its spokes must lead to, in PEM. */
export interface ServerTls {
  readonly rootCertificate: string;
  readonly certificateChain: string;
  readonly privateKey: string;
}

type CaListener = Parameters<
  experimental.CertificateProvider["addCaCertificateListener"]
>[0];
type IdentityListener = Parameters<
  experimental.CertificateProvider["addIdentityCertificateListener"]
>[0];

/**
 * Gives grpc-js certificates that can be changed while it serves: the next
 * connection sees the new ones. The one place that touches its experimental
 * interface. One provider gives both halves, since grpc-js 1.14 names its two
 * arguments in the wrong order.
 */
export class InMemoryCertificateProvider
  implements experimental.CertificateProvider
{
  readonly #caListeners = new Set<CaListener>();
  readonly #identityListeners = new Set<IdentityListener>();
  #tls: ServerTls;

  constructor(tls: ServerTls) {
    this.#tls = tls;
  }

  /** Takes new certificates for connections from now on. */
  update(tls: ServerTls): void {
    this.#tls = tls;
    for (const listener of this.#caListeners) this.#tellCa(listener);
    for (const listener of this.#identityListeners) this.#tell(listener);
  }

  addCaCertificateListener(listener: CaListener): void {
    this.#caListeners.add(listener);
    // Not at once: grpc-js adds its own listener to the credentials only after this call.
    queueMicrotask(() => this.#tellCa(listener));
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#caListeners.delete(listener);
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.add(listener);
    queueMicrotask(() => this.#tell(listener));
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.delete(listener);
  }

  #tellCa(listener: CaListener): void {
    listener({ caCertificate: Buffer.from(this.#tls.rootCertificate) });
  }

  #tell(listener: IdentityListener): void {
    listener({
      certificate: Buffer.from(this.#tls.certificateChain),
      privateKey: Buffer.from(this.#tls.privateKey),
    });
  }
}

/** Credentials that ask for a client certificate and let a connection without one in: `Join` and `Renew` have none. Every other method looks itself. */
export function createServerCredentials(
  provider: InMemoryCertificateProvider,
): ServerCredentials {
  return experimental.createCertificateProviderServerCredentials(
    provider,
    provider,
    false,
  );
}
