import {getExtension} from '@shopify/ui-extensions-tester';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {type Answer, PATIENCE_MS} from '../../shared/answer';
import {answer} from '../../shared/answers';

const extension = getExtension('customer-account.order-status.block.render');
const SETTLE_MS = 200;
const ORDER = {id: 'gid://shopify/Order/7', name: '#1007'};

beforeEach(() => {
  vi.useFakeTimers();
  extension.setUp();
  extension.shopify.checkoutToken.value = 'checkout-7';
  extension.shopify.order.value = ORDER;
  extension.shopify.settings.value = {
    show_offer: undefined,
    show_line: undefined,
    show_questions: undefined,
  } as never;
  extension.shopify.sessionToken.get = async () => 'session.token';
});

afterEach(() => {
  extension.tearDown();
  vi.useRealTimers();
});

async function show(): Promise<void> {
  await extension.render();
  await vi.advanceTimersByTimeAsync(SETTLE_MS);
}

const text = () => document.body.textContent ?? '';

function answers(changes: Partial<Answer> = {}) {
  const fetch = vi.fn().mockResolvedValue(new Response(JSON.stringify(answer(changes))));
  extension.fetch = fetch;
  return () => JSON.parse(fetch.mock.calls[0]![1].body);
}

describe('the order status page', () => {
  test('shows what the thank-you page does, by one question that names the page', async () => {
    const asked = answers();
    await show();
    expect(extension.fetch).toHaveBeenCalledTimes(1);
    expect(asked()).toMatchObject({
      surface: 'order_status',
      checkout_token: 'checkout-7',
      order_gid: ORDER.id,
    });
    expect(text()).toContain('Fri, Jun 12 – Sun, Jun 14');
  });

  test('an order without a checkout is named by its id', async () => {
    extension.shopify.checkoutToken.value = undefined;
    const asked = answers();
    await show();
    expect(asked()).toMatchObject({checkout_token: null, order_gid: ORDER.id});
  });

  test('once it is there, it leads on from there', async () => {
    const way = {text: 'Read the guide', url: 'https://okaeri.test/t/token#guide'};
    answers({ways: [way]});
    await show();
    const link = document.body.querySelector(`s-link[href="${way.url}"]`);
    expect(link?.textContent).toBe(way.text);
  });

  test('with our server dead it shows the steps that it knows itself, and no error', async () => {
    extension.fetch = vi.fn().mockRejectedValue(new TypeError('offline'));
    await show();
    expect(text()).toContain('steps.received.title');
    expect(text().toLowerCase()).not.toContain('error');
  });

  test('with our server silent, too', async () => {
    extension.fetch = vi.fn(() => new Promise<Response>(() => undefined));
    await show();
    await vi.advanceTimersByTimeAsync(PATIENCE_MS);
    expect(text()).toContain('steps.received.title');
  });
});
