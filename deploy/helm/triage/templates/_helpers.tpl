{{- define "triage.labels" -}}
app.kubernetes.io/name: triage
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "triage.selector" -}}
app.kubernetes.io/name: triage
{{- end }}

{{- define "triage.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}
{{- end }}

{{- define "triage.postgres" -}}
{{- if eq .Values.database "postgres" }}true{{ end }}
{{- end }}

{{- define "triage.settings" -}}
{{- $own := dict "log" "json" "state" "/var/lib/triage" "policy" "/etc/triage/policy/policy.yaml" "monitors" "/etc/triage/monitors" "playbooks" "/etc/triage/playbooks" -}}
{{- mergeOverwrite $own (deepCopy .Values.settings) | toYaml -}}
{{- end }}

{{- /* Files given as text or as YAML, by name. */ -}}
{{- define "triage.files" -}}
{{- range $name, $content := . }}
{{ $name }}: |
{{- if kindIs "string" $content }}
{{ $content | trimSuffix "\n" | indent 2 }}
{{- else }}
{{ toYaml $content | indent 2 }}
{{- end }}
{{- end }}
{{- end }}
