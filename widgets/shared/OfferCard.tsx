import type {Offer} from './answer';

/** One suggestion, true until the time it names. Both answers weigh the same, nothing is ticked
 * beforehand, nothing moves or counts. */
export function OfferCard({
  offer,
  over,
  declined,
  onDecline,
}: {
  offer: Offer | null;
  over: string | null;
  declined: boolean;
  onDecline: () => void;
}) {
  if (!offer && !over) return null;
  return (
    <s-stack accessibilityRole="status">
      {!offer && <s-paragraph color="subdued">{over}</s-paragraph>}
      {offer && declined && <s-paragraph color="subdued">{offer.declined_text}</s-paragraph>}
      {offer && !declined && <Open offer={offer} onDecline={onDecline} />}
    </s-stack>
  );
}

function Open({offer, onDecline}: {offer: Offer; onDecline: () => void}) {
  return (
    <s-section heading={offer.heading}>
      <s-stack gap="base" border="base" borderRadius="base" padding="base">
        <s-grid gridTemplateColumns="auto 1fr" gap="base" alignItems="center">
          {offer.image_url && <s-product-thumbnail src={offer.image_url} alt="" size="base" />}
          <s-stack gap="small-400">
            <s-text type="strong">{offer.title}</s-text>
            {offer.why_text && <s-text color="subdued">{offer.why_text}</s-text>}
            <s-stack direction="inline" gap="small-200" alignItems="center">
              <s-text type="strong">{offer.price_text}</s-text>
              {offer.was_text && <s-text type="redundant">{offer.was_text}</s-text>}
              {offer.percent_text && <s-badge>{offer.percent_text}</s-badge>}
            </s-stack>
            {offer.deadline_text && <s-text>{offer.deadline_text}</s-text>}
          </s-stack>
        </s-grid>
        <s-grid gridTemplateColumns="@container (inline-size > 600px) 1fr 1fr, 1fr" gap="small">
          <s-button variant="secondary" inlineSize="fill" href={offer.accept_url}>
            {offer.accept_text}
          </s-button>
          <s-button variant="secondary" inlineSize="fill" onClick={onDecline}>
            {offer.decline_text}
          </s-button>
        </s-grid>
        <s-text type="small" color="subdued">
          {offer.note}
        </s-text>
      </s-stack>
    </s-section>
  );
}
