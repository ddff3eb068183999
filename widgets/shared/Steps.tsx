import type {Step, Support, Way} from './answer';

const ICONS = {
  received: 'check-circle',
  payment: 'clock',
  access: 'email',
  prepare: 'calendar',
  arrive: 'delivery',
  guide: 'info',
} as const;

function icon(step: Step): (typeof ICONS)[keyof typeof ICONS] | 'circle' | 'check-circle-filled' {
  if (step.done) return 'check-circle-filled';
  return step.key in ICONS ? ICONS[step.key as keyof typeof ICONS] : 'circle';
}

/** What happens next, in the order in which it happens. */
export function Steps({steps}: {steps: Step[]}) {
  return (
    <s-stack gap="base" accessibilityRole="ordered-list">
      {steps.map((step) => (
        <s-grid
          key={step.key}
          gridTemplateColumns="auto 1fr"
          gap="small"
          alignItems="start"
          accessibilityRole="list-item"
        >
          <s-icon type={icon(step)} tone={step.done ? 'success' : 'auto'} />
          <s-stack gap="small-500">
            <s-text type="strong">{step.title}</s-text>
            {step.date_text && <s-text>{step.date_text}</s-text>}
            <s-text color="subdued">{step.text}</s-text>
          </s-stack>
        </s-grid>
      ))}
    </s-stack>
  );
}

/** Full-width punctuation brings its own space. */
function gapAfter(text: string): string {
  return /[。：、）]$/.test(text) ? '' : ' ';
}

/** Whom to ask, the way to the parcel once there is one, and the ways on once it is there. */
export function Help({
  support,
  trackingUrl,
  trackingText,
  ways,
}: {
  support: Support;
  trackingUrl: string | null;
  trackingText: string;
  ways: Way[];
}) {
  return (
    <s-stack gap="small-200">
      {trackingUrl && (
        <s-paragraph>
          <s-link href={trackingUrl}>{trackingText}</s-link>
        </s-paragraph>
      )}
      {ways.map((way) => (
        <s-paragraph key={way.url}>
          <s-link href={way.url}>{way.text}</s-link>
        </s-paragraph>
      ))}
      {(support.email || support.phone) && (
        <s-paragraph color="subdued">
          {support.text}
          {gapAfter(support.text)}
          {support.email && <s-link href={`mailto:${support.email}`}>{support.email}</s-link>}
          {support.email && support.phone && ' / '}
          {support.phone && <s-link href={`tel:${support.phone.replace(/[^+\d]/g, '')}`}>{support.phone}</s-link>}
          {support.hours && ` / ${support.hours}`}
        </s-paragraph>
      )}
    </s-stack>
  );
}
