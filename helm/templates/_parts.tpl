{{- define "kezhou.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end -}}
{{- end }}

{{- define "kezhou.labels" -}}
{{ include "kezhou.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "kezhou.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .role }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "kezhou.secret" -}}
{{- .Values.secret.existing | default (printf "%s-settings" (include "kezhou.name" .)) -}}
{{- end }}

{{- /* Everything of a pod but what one role has of its own. Wants .root and .role. */ -}}
{{- define "kezhou.pod" -}}
{{- $values := .root.Values -}}
automountServiceAccountToken: false
serviceAccountName: {{ include "kezhou.name" .root }}
enableServiceLinks: false
{{- with $values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with $values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
volumes:
  - {name: home, emptyDir: {}}
  - {name: tmp, emptyDir: {}}
  {{- if not $values.files.s3.bucket }}
  - {name: files, persistentVolumeClaim: {claimName: {{ required "Name a bucket (files.s3.bucket) or a claim that all pods can write (files.existingClaim)." $values.files.existingClaim }}}}
  {{- end }}
{{- end }}

{{- /* Everything of a container but its command, probes and resources. */ -}}
{{- define "kezhou.container" -}}
{{- $values := .root.Values -}}
image: {{ printf "%s:%s" $values.image.repository ($values.image.tag | default .root.Chart.AppVersion) | quote }}
imagePullPolicy: {{ $values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
envFrom:
  - secretRef: {name: {{ include "kezhou.secret" .root }}}
env:
  - {name: KEZHOU_BASE_DOMAIN, value: {{ $values.baseDomain | quote }}}
  - {name: KEZHOU_HOME, value: /home/kezhou}
  - {name: KEZHOU_FILES, value: {{ ternary "/home/kezhou/files" "/files" (not (empty $values.files.s3.bucket)) }}}
  {{- if $values.database.pooler }}
  - {name: KEZHOU_POOLER, value: "yes"}
  {{- end }}
  {{- if $values.files.s3.bucket }}
  - {name: KEZHOU_S3_BUCKET, value: {{ $values.files.s3.bucket | quote }}}
  - {name: KEZHOU_S3_ENDPOINT, value: {{ $values.files.s3.endpoint | quote }}}
  - {name: KEZHOU_S3_REGION, value: {{ $values.files.s3.region | quote }}}
  - {name: KEZHOU_S3_PREFIX, value: {{ $values.files.s3.prefix | quote }}}
  - {name: KEZHOU_S3_LINKS, value: {{ ternary "yes" "no" $values.files.s3.links | quote }}}
  {{- end }}
  {{- range $name, $value := $values.settings }}
  - {name: {{ $name }}, value: {{ $value | quote }}}
  {{- end }}
volumeMounts:
  - {name: home, mountPath: /home/kezhou}
  - {name: tmp, mountPath: /tmp}
  {{- if not $values.files.s3.bucket }}
  - {name: files, mountPath: /files}
  {{- end }}
{{- end }}

{{- /* Pods of one role rather on different nodes and zones. */ -}}
{{- define "kezhou.spread" -}}
topologySpreadConstraints:
  {{- $selector := include "kezhou.selector" . | nindent 8 }}
  {{- range list "kubernetes.io/hostname" .root.Values.spreadBy }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- $selector }}
  {{- end }}
{{- end }}

{{- /* A new version's pods come after the data were brought up to it; a secret that changed starts them anew. */ -}}
{{- define "kezhou.metadata" -}}
metadata:
  labels: {{- include "kezhou.labels" . | nindent 4 }}
  annotations:
    kezhou/settings: {{ toJson .root.Values.secret.values | sha256sum | quote }}
    {{- with .root.Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
