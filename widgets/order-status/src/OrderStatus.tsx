import '@shopify/ui-extensions/preact';
import {render} from 'preact';
import type {Question} from '../../shared/answer';
import {Block, type Surface} from '../../shared/Block';

export default function extension(): void {
  render(<OrderStatus />, document.body);
}

function OrderStatus() {
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

/** The checkout's token joins the page to its order; an order without one (made by hand) is named by
 * its id, which our server believes of its own customer only. */
function question(): Question | null {
  const checkout_token = shopify.checkoutToken.value;
  const order = shopify.order.value;
  if (!checkout_token && !order) return null;
  return {
    surface: 'order_status',
    checkout_token: checkout_token ?? null,
    order_gid: order?.id ?? null,
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
