// Systems whose webhooks this server takes: the address to give them and what to set here. Pure.

export interface HookSource {
  id: string;
  name: string;
  /** Steps in the other system; {url} is the address to paste. */
  there: string;
  /** Keys of this server's configuration, as YAML. */
  here: string;
  /** How a delivery proves itself. */
  proof: string;
}

const secret = (id: string): string => `intake:\n  hooks:\n    ${id}:\n      secret_file: /etc/reprise/${id}.secret`;

export const hookSources: HookSource[] = [
  { id: "github", name: "GitHub", there: "Repository or organisation, Settings, Webhooks: content type application/json, the same secret, events Workflow runs, Deployment statuses and Pull requests.", here: secret("github"), proof: "X-Hub-Signature-256" },
  { id: "gitlab", name: "GitLab", there: "Settings, Webhooks: the secret token, triggers Pipeline events and Merge request events.", here: secret("gitlab"), proof: "the token itself; use TLS" },
  { id: "sns", name: "CloudWatch through SNS", there: "Let the topic sign with SignatureVersion 2 and subscribe this address over https. Let alarms notify the topic for ALARM and OK.", here: "intake:\n  hooks:\n    sns:\n      topics: [arn:aws:sns:eu-west-1:123456789012:alarms]\n      confirm: [arn:aws:sns:eu-west-1:123456789012:alarms]", proof: "the signature of SNS" },
  { id: "alertmanager", name: "Alertmanager", there: "A receiver with webhook_configs, this url, send_resolved: true and the token as authorization credentials.", here: secret("alertmanager"), proof: "a token; use TLS" },
  { id: "grafana", name: "Grafana", there: "Contact point Webhook; from version 12 on HMAC signature with the secret, before that Authorization Bearer.", here: secret("grafana"), proof: "X-Grafana-Alerting-Signature, or a token" },
  { id: "sentry", name: "Sentry", there: "Settings, Custom Integrations: internal integration with this webhook URL, Alert Rule Action on, webhooks for issue. Its client secret is the secret.", here: secret("sentry"), proof: "Sentry-Hook-Signature" },
  { id: "pagerduty", name: "PagerDuty", there: "Integrations, Generic Webhooks (v3): events triggered, reopened and resolved. The secret is shown once.", here: secret("pagerduty"), proof: "X-PagerDuty-Signature" },
  { id: "generic", name: "Anything else", there: "Sign by the Standard Webhooks specification. The body is one alarm: at least {\"title\": \"...\"}.", here: "intake:\n  hooks:\n    generic: [backup=/etc/reprise/backup.key]", proof: "a Standard Webhooks signature" },
];

/** "generic/backup" is of generic. */
export function findSource(source: string): HookSource | undefined {
  const [id] = source.split("/");
  return hookSources.find((each) => each.id === id);
}

export function hookUrl(origin: string, source: HookSource): string {
  return `${origin}/api/v1/hooks/${source.id}${source.id === "generic" ? "/backup" : ""}`;
}
