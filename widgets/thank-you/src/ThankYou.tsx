import '@shopify/ui-extensions/preact';
import {render} from 'preact';
import type {Question} from '../../shared/answer';
import {Block, type Surface} from '../../shared/Block';

export default function extension(): void {
  render(<ThankYou />, document.body);
}

function ThankYou() {
  const surface: Surface = {
    translate: (key) => shopify.i18n.translate(key),
    settings: shopify.settings.value as Surface['settings'],
    storage: shopify.storage,
    token: () => shopify.sessionToken.get(),
    question,
    ships: () => shopify.lines.value.some((line) => line.merchandise.requiresShipping),
  };
  return <Block surface={surface} />;
}

function question(): Question | null {
  const checkout_token = shopify.checkoutToken.value;
  if (!checkout_token) return null;
  return {
    surface: 'thank_you',
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
}
