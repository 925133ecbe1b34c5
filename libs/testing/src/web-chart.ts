/** A small chart with what charts have: definitions, a dependency in it, helpers, a test, and a default that can be taken away. Files by path below its directory. */
export const webChart: Readonly<Record<string, string>> = {
  "Chart.yaml": `apiVersion: v2
name: web
version: 1.2.3
appVersion: "6.9.0"
dependencies:
  - {name: sidecar, version: 0.1.0, condition: sidecar.enabled}
`,
  "values.yaml": `replicas: 1
image: {repository: registry.example/podinfo, tag: ""}
labels: {tier: front}
monitoring: false
sidecar: {enabled: true, note: default}
`,
  "crds/gadget.yaml": `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: gadgets.example.com
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Gadget, listKind: GadgetList, plural: gadgets, singular: gadget}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
`,
  "templates/_helpers.tpl": `{{- define "web.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}
`,
  "templates/deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels:
    {{- include "web.labels" . | nindent 4 }}
    {{- with .Values.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {app: {{ .Release.Name }}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
    spec:
      serviceAccountName: {{ .Release.Name }}
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .Release.Name }}
  annotations:
`,
  "templates/role.yaml": `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ .Release.Namespace }}-{{ .Release.Name }}
rules:
  - {apiGroups: [""], resources: [configmaps], verbs: [get]}
`,
  "templates/monitor.yaml": `{{- if and .Values.monitoring (.Capabilities.APIVersions.Has "monitoring.example.com/v1/Monitor") }}
apiVersion: monitoring.example.com/v1
kind: Monitor
metadata: {name: {{ .Release.Name }}}
{{- end }}
`,
  "templates/tests/connection.yaml": `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations: {helm.sh/hook: test}
spec:
  containers: [{name: ask, image: registry.example/ask:1}]
`,
  "charts/sidecar/Chart.yaml":
    "apiVersion: v2\nname: sidecar\nversion: 0.1.0\n",
  "charts/sidecar/templates/note.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-note}
data: {note: {{ .Values.note | default "none" | quote }}}
`,
};
