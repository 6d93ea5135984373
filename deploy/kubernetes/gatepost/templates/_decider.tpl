{{- /* decider.yaml: values' config, and what only the chart knows. */ -}}
{{- define "gatepost.decider.config" -}}
{{- $d := .Values.decider -}}
{{- $bundles := or $d.opa.bundles $d.opa.discovery -}}
{{- $own := dict
      "listen" (list (printf ":%d" (int $d.port)))
      "admin" (dict "address" (printf "0.0.0.0:%d" (int $d.adminPort))) -}}
{{- if .Values.mtls.enabled -}}
{{- $_ := set $own "tls" (dict "certificate" "/etc/gatepost/mtls/tls.crt" "key" "/etc/gatepost/mtls/tls.key" "client_ca" "/etc/gatepost/mtls/ca.crt") -}}
{{- else if dig "server" "clients" list $d.config -}}
{{- fail "decider.config.server.clients: needs mtls.enabled: without certificates dataplanes have no names" -}}
{{- end -}}
{{- if and $d.policy $d.policyConfigMap -}}
{{- fail "decider.policy and decider.policyConfigMap: only one can bring the policy" -}}
{{- end -}}
{{- if and $d.candidate $d.candidateConfigMap -}}
{{- fail "decider.candidate and decider.candidateConfigMap: only one can bring the candidate" -}}
{{- end -}}
{{- if or $d.policy $d.policyConfigMap -}}
{{- if $bundles -}}
{{- fail "decider.opa has bundles or discovery, and decider.policy or policyConfigMap is set: only one can bring the policy" -}}
{{- end -}}
{{- $_ := set $own "policy" "/etc/gatepost/policy" -}}
{{- end -}}
{{- if $d.opa -}}
{{- $_ := set $own "opa_config" "/etc/gatepost/config/opa.yaml" -}}
{{- end -}}
{{- if or $d.candidate $d.candidateConfigMap -}}
{{- $_ := set $own "shadow" (dict "policy" "/etc/gatepost/candidate") -}}
{{- end -}}
{{- if eq (int $d.port) (int $d.adminPort) -}}
{{- fail (printf "decider.port and decider.adminPort: both are %d" (int $d.port)) -}}
{{- end -}}
{{- toYaml (mergeOverwrite (deepCopy $d.config) $own) -}}
{{- end -}}

{{- /* A volume with the files of a map of path to text: a ConfigMap's keys have no slashes. Gets root, name, files, configMap. */ -}}
{{- define "gatepost.decider.files" -}}
- name: {{ .name }}
  configMap:
    {{- if .configMap }}
    name: {{ .configMap }}
    {{- else }}
    name: {{ include "gatepost.fullname" .root }}-{{ .name }}
    items:
      {{- range $path, $_ := .files }}
      - {key: {{ replace "/" "__" $path | quote }}, path: {{ $path | quote }}}
      {{- end }}
    {{- end }}
{{- end -}}

{{- define "gatepost.decider.filesConfigMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "gatepost.fullname" .root }}-{{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "gatepost.labels" (dict "root" .root "component" "decider") | nindent 4 }}
data:
  {{- range $path, $text := .files }}
  {{ replace "/" "__" $path | quote }}: {{ $text | quote }}
  {{- end }}
{{- end -}}
