/** One finished request. */
export interface AuditRecord {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Who is taken to have asked: the impersonated user, where there is one. */
  readonly user: string;
  /** Who really asked, where a user was impersonated. */
  readonly impersonator: string | undefined;
  readonly userAgent: string;
  /** get, list, watch, create, update, patch, delete, deletecollection; or the method of a path that is no resource. */
  readonly verb: string;
  readonly group: string;
  /** Plural; "" for a path that is no resource. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly code: number;
  readonly dryRun: boolean;
  /** The path without its query. */
  readonly path: string;
  /** As it stands in the address, without the question mark. */
  readonly query: string;
  /** What a write sent and was answered, as text; absent unless `auditBodies` is on. */
  readonly bodies?: { readonly sent: string; readonly answered: string };
}

/** The newest requests, up to a bound; older ones are dropped. */
export class AuditLog {
  #records: AuditRecord[] = [];
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  /** Every record still kept, oldest first. */
  get records(): readonly AuditRecord[] {
    return this.#records;
  }

  add(record: AuditRecord): void {
    this.#records.push(record);
    // Trimmed in steps, so that a record does not move the whole list each time.
    if (this.#records.length > this.#size * 1.25 + 8)
      this.#records = this.#records.slice(-this.#size);
  }

  clear(): void {
    this.#records = [];
  }
}
