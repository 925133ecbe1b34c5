import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { auditPolicyOf } from "./audit-log.ts";
import { infrastructureStages } from "./infrastructure-stages.ts";
import { formatStage } from "./kwok-stage.ts";
import { podStages } from "./pod-stages.ts";

/** Somebody who may speak to the API server from its start on. */
export interface ControlPlaneUser {
  readonly name: string;
  readonly groups: readonly string[];
}

/** The files of one control plane, all below its folder and readable by their owner only. */
export interface ControlPlaneFiles {
  readonly directory: string;
  readonly etcdData: string;
  readonly certificates: string;
  readonly logs: string;
  readonly tokens: string;
  readonly serviceAccountKey: string;
  readonly auditPolicy: string;
  readonly auditLog: string;
  readonly stages: string;
  readonly caCert: string;
  readonly kubeconfig: string;
  /** Token by user name; `admin` is in `system:masters`. */
  readonly tokenOf: ReadonlyMap<string, string>;
}

const admin: ControlPlaneUser = { name: "admin", groups: ["system:masters"] };

const tokenLine = (user: ControlPlaneUser, token: string): string => {
  const plain = /^[\w.:@/-]+$/;
  if (![user.name, ...user.groups].every((name) => plain.test(name))) {
    throw new Error(`user ${user.name}: name and groups must be plain words`);
  }
  return `${token},${user.name},${user.name},"${user.groups.join(",")}"\n`;
};

/** kwok's configuration; a JSON document is YAML too. */
const stages = [...infrastructureStages, ...podStages]
  .map((rule) => `${JSON.stringify(formatStage(rule))}\n`)
  .join("---\n");

const generateSigningKey = (): string =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    type: "sec1",
    format: "pem",
  }) as string;

/** Writes what the programs read at their start: tokens, signing key, audit policy, stages. */
export const writeControlPlaneFiles = async (
  directory: string,
  users: readonly ControlPlaneUser[],
  audited: {
    readonly readsOf?: readonly string[];
    readonly bodies?: boolean;
  } = {},
): Promise<ControlPlaneFiles> => {
  const at = (name: string) => join(directory, name);
  const everybody = [admin, ...users];
  const tokenOf = new Map(
    everybody.map(({ name }) => [name, randomBytes(24).toString("hex")]),
  );
  const files: ControlPlaneFiles = {
    directory,
    etcdData: at("etcd"),
    certificates: at("certificates"),
    logs: at("logs"),
    tokens: at("tokens.csv"),
    serviceAccountKey: at("service-account.key"),
    auditPolicy: at("audit-policy.json"),
    auditLog: at("audit.log"),
    stages: at("stages.yaml"),
    caCert: at("ca.crt"),
    kubeconfig: at("kubeconfig"),
    tokenOf,
  };
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await mkdir(files.logs, { recursive: true });
  const lines = everybody.map((user) =>
    tokenLine(user, tokenOf.get(user.name) ?? ""),
  );
  const write = (path: string, text: string) =>
    writeFile(path, text, { mode: 0o600 });
  await Promise.all([
    write(files.tokens, lines.join("")),
    write(files.serviceAccountKey, generateSigningKey()),
    write(
      files.auditPolicy,
      auditPolicyOf(audited.readsOf ?? [], audited.bodies),
    ),
    write(files.auditLog, ""),
    write(files.stages, stages),
  ]);
  return files;
};
