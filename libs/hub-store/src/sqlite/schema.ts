import { type Generated } from "kysely";

/** Tables as they are stored: times are RFC 3339 in UTC with milliseconds, so that they compare as text. */
export interface Schema {
  readonly cluster: {
    name: string;
    uid: string;
    phase: string;
    labels: string;
    source: string;
    repoint: string | null;
    left_at: string | null;
    suspended_at: string | null;
    issued_epoch: number | null;
    issued_seq: number | null;
    leaps: Generated<number>;
  };
  readonly incarnation: {
    uid: string;
    cluster: string;
    revoked: number;
    joined_at: string | null;
    certificate_not_after: string | null;
    keys: string;
    floor_epoch: number | null;
    floor_seq: number | null;
    registered_at: string | null;
  };
  readonly join_token: {
    hash: string;
    uid: string;
    expires_at: string;
    used_at: string | null;
    spent_by: string | null;
  };
  readonly credential: {
    hash: string;
    kind: string;
    name: string;
    role: string;
    created_at: string;
    expires_at: string;
  };
  readonly revision: {
    commit_id: string;
    is_head: number;
    body: string;
  };
  readonly target: {
    commit_id: string;
    cluster: string;
    body: string;
    artifacts: string;
  };
  readonly artifact: { digest: string; bytes: Uint8Array };
  readonly render: { key: string; output: Uint8Array; used: number };
  readonly assignment: {
    uid: string;
    epoch: number;
    seq: number;
    cluster: string;
    envelope: Uint8Array;
    signature: Uint8Array;
    delegation: Uint8Array;
    artifacts: string;
    acknowledged_at: string | null;
    confirmed_at: string | null;
  };
  readonly rollout: {
    name: string;
    version: number;
    state: string;
    started_at: string;
    completed_at: string | null;
  };
  readonly suspension: {
    cluster: string;
    bundle: string;
    actor: string;
    at: string;
  };
  readonly prune_approval: {
    cluster: string;
    key: string;
    object: string;
    actor: string;
    at: string;
  };
  readonly journal: {
    id: Generated<number>;
    at: string;
    actor: string;
    action: string;
    subject: string;
    message: string;
  };
}
