/** What a kubeconfig needs to know. */
export interface KubeconfigInput {
  /** Name of the cluster, and of the context for the user `admin`. */
  readonly name: string;
  readonly url: string;
  /** PEM. */
  readonly caCert: string;
  readonly user: string;
  readonly token: string;
}

/** A kubeconfig as YAML with one context, `<name>` for admin and `<user>@<name>` for anybody else. */
export const formatKubeconfig = (input: KubeconfigInput): string => {
  const quote = (text: string) => JSON.stringify(text);
  const context =
    input.user === "admin" ? input.name : `${input.user}@${input.name}`;
  const user = `${input.user}@${input.name}`;
  return [
    "apiVersion: v1",
    "kind: Config",
    `current-context: ${quote(context)}`,
    "clusters:",
    `- name: ${quote(input.name)}`,
    "  cluster:",
    `    server: ${quote(input.url)}`,
    `    certificate-authority-data: ${Buffer.from(input.caCert).toString("base64")}`,
    "users:",
    `- name: ${quote(user)}`,
    "  user:",
    `    token: ${quote(input.token)}`,
    "contexts:",
    `- name: ${quote(context)}`,
    "  context:",
    `    cluster: ${quote(input.name)}`,
    `    user: ${quote(user)}`,
    "",
  ].join("\n");
};
