import '@shopify/ui-extensions/preact';
import {render} from 'preact';
import {useEffect, useState} from 'preact/hooks';
import {server} from '../../shared/server';
import {ask, type Answer, type Question, type Step} from './answer';
import {LineFriend} from './LineFriend';
import {OfferCard} from './OfferCard';
import {Help, Steps} from './Steps';
import {useAnswer} from './useAnswer';

const QUESTIONS_GO_TO = `${server()}/widget/thank-you`;

export default function extension(): void {
  render(<ThankYou />, document.body);
}

/** The block: what happens next at once and on its own, everything else when our server answers. */
function ThankYou() {
  const answer = useAnswer(askServer);
  const [declined, decline] = useDeclined();
  const {show_offer, show_line} = shopify.settings.value;
  return (
    <s-query-container>
      <s-stack gap="large-200">
        <s-section heading={answer?.title ?? shopify.i18n.translate('title')}>
          <s-stack gap="base">
            <Steps steps={answer?.steps ?? ownSteps()} />
            {answer && (
              <Help
                support={answer.support}
                trackingUrl={answer.tracking_url}
                trackingText={answer.tracking_text}
              />
            )}
          </s-stack>
        </s-section>
        {answer && show_offer !== false && (
          <OfferCard
            offer={answer.offer}
            over={answer.offer_over}
            declined={declined}
            onDecline={decline}
          />
        )}
        {answer?.line && show_line !== false && <LineFriend line={answer.line} />}
      </s-stack>
    </s-query-container>
  );
}

/** The steps that are true of every order, without dates: only our server knows those. */
function ownSteps(): Step[] {
  const {translate} = shopify.i18n;
  const ships = shopify.lines.value.some((line) => line.merchandise.requiresShipping);
  const keys = ships ? ['received', 'prepare', 'arrive'] : ['received', 'access'];
  return keys.map((key) => ({
    key,
    title: translate(`steps.${key}.title`),
    text: translate(`steps.${key}.text`),
    date_text: null,
    done: key === 'received',
  }));
}

/** Whether the shopper said no to the offer; remembered for this order, so that a reload keeps it. */
function useDeclined(): [boolean, () => void] {
  const [declined, setDeclined] = useState(false);
  useEffect(() => {
    shopify.storage.read<boolean>('declined').then(
      (before) => before && setDeclined(true),
      () => undefined, // Without storage the offer is simply shown again.
    );
  }, []);
  return [
    declined,
    () => {
      setDeclined(true);
      shopify.storage.write('declined', true).catch(() => undefined);
    },
  ];
}

async function askServer(): Promise<Answer | null> {
  const checkout_token = shopify.checkoutToken.value;
  if (!checkout_token) return null;
  const question: Question = {
    checkout_token,
    order_gid: shopify.orderConfirmation.value?.order.id ?? null,
    locale: shopify.localization.language.value.isoCode,
    country: shopify.localization.country.value?.isoCode ?? null,
    timezone: shopify.localization.timezone.value ?? null,
    lines: shopify.lines.value.map((line) => ({
      variant_id: line.merchandise.id,
      product_id: line.merchandise.product.id,
      quantity: line.quantity,
      requires_shipping: line.merchandise.requiresShipping,
    })),
  };
  return ask(QUESTIONS_GO_TO, () => shopify.sessionToken.get(), question);
}
