{{- /* dataplane.yaml: values' config, and what only the chart knows. */ -}}
{{- define "gatepost.dataplane.config" -}}
{{- $decider := dict "address" (printf "dns:///%s:%d" (include "gatepost.deciderHost" .) (int .Values.decider.port)) -}}
{{- if .Values.mtls.enabled -}}
{{- $_ := set $decider "tls" (dict
      "mode" "implicit" "server_name" (include "gatepost.deciderHost" .) "min_version" "1.3" "ca" "/etc/gatepost/mtls/ca.crt"
      "certificate" "/etc/gatepost/mtls/tls.crt" "key" "/etc/gatepost/mtls/tls.key") -}}
{{- else -}}
{{- $_ := set $decider "tls" (dict "mode" "off") -}}
{{- end -}}
{{- $own := dict
      "decider" $decider
      "admin" (dict "address" (printf "0.0.0.0:%d" (int .Values.dataplane.adminPort)))
      "timeouts" (dict "drain_on_stop" (printf "%ds" (int .Values.dataplane.drainSeconds)) "shutdown" "10s") -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.dataplane.config) $own) -}}
{{- end -}}

{{- /* The ports of TCP listeners: {"ports": {name: port}}, in YAML. What cannot be is refused here. */ -}}
{{- define "gatepost.dataplane.listeners" -}}
{{- $ports := dict -}}
{{- range .Values.dataplane.config.listeners -}}
{{- if not (or (dig "address" "" (default dict .upstream)) (dig "address" "" $.Values.dataplane.config.upstream)) -}}
{{- fail (printf "dataplane.config.upstream.address: needed, or one in the listener %q: the IMAP server, \"host:port\"" .name) -}}
{{- end -}}
{{- if not (hasPrefix "unix:" .address) -}}
{{- $port := regexFind "[0-9]+$" .address | int -}}
{{- if lt $port 1024 -}}
{{- fail (printf "dataplane.config.listeners: %q listens at port %d: below 1024 is not for the container's user; take one above, and publish it by dataplane.service.ports" .name $port) -}}
{{- end -}}
{{- if or (eq .name "metrics") (hasKey $ports .name) -}}
{{- fail (printf "dataplane.config.listeners: %q is the name of another port" .name) -}}
{{- end -}}
{{- if eq $port (int $.Values.dataplane.adminPort) -}}
{{- fail (printf "dataplane.config.listeners: %q listens at port %d, which is dataplane.adminPort" .name $port) -}}
{{- end -}}
{{- $_ := set $ports .name $port -}}
{{- end -}}
{{- end -}}
{{- range $name, $_ := .Values.dataplane.service.ports -}}
{{- if not (hasKey $ports $name) -}}
{{- fail (printf "dataplane.service.ports: %q is no listener with a port in dataplane.config.listeners" $name) -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "ports" $ports) -}}
{{- end -}}

{{- /* "true" where some listener lets all pass while the decider is away: then it is no reason to take no clients. */ -}}
{{- define "gatepost.dataplane.failsOpen" -}}
{{- range .Values.dataplane.config.listeners }}{{ if eq (default "reject" .failure) "accept" }}true{{ end }}{{ end -}}
{{- end -}}

{{- /* The ports of IMAP servers: {"ports": [...]}, in YAML. */ -}}
{{- define "gatepost.dataplane.upstreamPorts" -}}
{{- $ports := list -}}
{{- $all := list .Values.dataplane.config.upstream -}}
{{- range .Values.dataplane.config.listeners }}{{ with .upstream }}{{ $all = append $all . }}{{ end }}{{ end -}}
{{- range $all -}}
{{- with regexFind ":[0-9]+$" (dig "address" "" (default dict .)) }}{{ $ports = append $ports (trimPrefix ":" . | int) }}{{ end -}}
{{- end -}}
{{- toYaml (dict "ports" (uniq $ports)) -}}
{{- end -}}

{{- /* "true" where some listener gets the PROXY protocol. */ -}}
{{- define "gatepost.dataplane.proxied" -}}
{{- range .Values.dataplane.config.listeners }}{{ if dig "proxy_protocol" "from" list . }}true{{ end }}{{ end -}}
{{- end -}}
