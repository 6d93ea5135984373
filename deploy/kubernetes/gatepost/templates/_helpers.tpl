{{- define "gatepost.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "gatepost.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "gatepost.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "gatepost.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* The parts below get a dict of root and component: dataplane or decider. */ -}}

{{- define "gatepost.selector" -}}
app.kubernetes.io/name: {{ include "gatepost.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "gatepost.labels" -}}
{{ include "gatepost.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "gatepost.meta" -}}
name: {{ include "gatepost.fullname" .root }}-{{ .component }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "gatepost.labels" . | nindent 2 }}
{{- end -}}

{{- define "gatepost.image" -}}
{{- $image := (index .root.Values .component).image -}}
{{- with .root.Values.image.registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- $image.repository -}}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ default .root.Chart.AppVersion $image.tag }}{{ end -}}
{{- end -}}

{{- define "gatepost.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "gatepost.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "gatepost.deciderHost" -}}
{{ include "gatepost.fullname" . }}-decider.{{ .Release.Namespace }}.svc
{{- end -}}

{{- /* What both pods have: the restricted profile, and where to run. */ -}}
{{- define "gatepost.pod" -}}
{{- $v := index .root.Values .component -}}
serviceAccountName: {{ include "gatepost.serviceAccountName" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with $v.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $v.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $v.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  {{- if $v.topologySpreadConstraints }}
  {{- toYaml $v.topologySpreadConstraints | nindent 2 }}
  {{- else }}
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "gatepost.selector" . | nindent 8 }}
  {{- end }}
{{- with $v.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- define "gatepost.container" -}}
{{- $v := index .root.Values .component -}}
name: {{ .component }}
image: {{ include "gatepost.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
resources:
  {{- toYaml $v.resources | nindent 2 }}
{{- with $v.env }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* Secrets and ConfigMaps that values name, and the Secret for mtls. */ -}}
{{- define "gatepost.mounts" -}}
{{- $v := index .root.Values .component -}}
- name: config
  mountPath: /etc/gatepost/config
  readOnly: true
{{- if .root.Values.mtls.enabled }}
- name: mtls
  mountPath: /etc/gatepost/mtls
  readOnly: true
{{- end }}
{{- range $name, $_ := $v.secrets }}
- name: secret-{{ $name }}
  mountPath: /etc/gatepost/secrets/{{ $name }}
  readOnly: true
{{- end }}
{{- range $name, $_ := $v.configMaps }}
- name: configmap-{{ $name }}
  mountPath: /etc/gatepost/configmaps/{{ $name }}
  readOnly: true
{{- end }}
{{- end -}}

{{- define "gatepost.volumes" -}}
{{- $v := index .root.Values .component -}}
- name: config
  configMap:
    name: {{ include "gatepost.fullname" .root }}-{{ .component }}
{{- if .root.Values.mtls.enabled }}
- name: mtls
  secret:
    secretName: {{ index .root.Values.mtls (printf "%sSecret" .component) }}
    # The user's group reads it, by fsGroup.
    defaultMode: 0440
{{- end }}
{{- range $name, $secret := $v.secrets }}
- name: secret-{{ $name }}
  secret:
    secretName: {{ $secret }}
    defaultMode: 0440
{{- end }}
{{- range $name, $configMap := $v.configMaps }}
- name: configmap-{{ $name }}
  configMap:
    name: {{ $configMap }}
{{- end }}
{{- end -}}
