/// <reference types="@shopify/ui-extensions/purchase.thank-you.block.render" />
import {getExtension} from '@shopify/ui-extensions-tester';
import {createCartLine} from '@shopify/ui-extensions-tester/checkout';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {PATIENCE_MS} from '../../shared/answer';
import {OFFER, answer} from '../../shared/answers';

const extension = getExtension('purchase.thank-you.block.render');
const SETTLE_MS = 200;
/** What a merchant who never opened the block's settings has chosen. */
const UNTOUCHED = {show_offer: undefined, show_line: undefined, show_questions: undefined};

beforeEach(() => {
  vi.useFakeTimers();
  extension.setUp();
  extension.shopify.checkoutToken.value = 'checkout-1';
  extension.shopify.lines.value = [createCartLine()];
  extension.shopify.settings.value = UNTOUCHED;
  extension.shopify.sessionToken.get = async () => 'session.token';
});

afterEach(() => {
  extension.tearDown();
  vi.useRealTimers();
});

function answers(...bodies: unknown[]) {
  const fetch = vi.fn();
  for (const body of bodies) fetch.mockResolvedValueOnce(new Response(JSON.stringify(body)));
  fetch.mockRejectedValue(new TypeError('offline'));
  extension.fetch = fetch;
  return fetch;
}

async function show(): Promise<void> {
  await extension.render();
  await vi.advanceTimersByTimeAsync(SETTLE_MS);
}

const text = () => document.body.textContent ?? '';
const find = (selector: string) => [...document.body.querySelectorAll(selector)];
const hrefs = () => find('[href]').map((node) => node.getAttribute('href'));

function press(label: string): void {
  find('s-button')
    .find((node) => node.textContent === label)!
    .dispatchEvent(new Event('click'));
}

describe('what it asks', () => {
  test('is one question with the session token and what was bought', async () => {
    const fetch = answers(answer());
    await show();
    expect(fetch).toHaveBeenCalledTimes(1);
    const [url, init] = fetch.mock.calls[0]!;
    expect(url).toBe('https://okaeri.test/widget/thank-you');
    expect(init.method).toBe('POST');
    expect(init.headers.Authorization).toBe('Bearer session.token');
    const asked = JSON.parse(init.body);
    expect(asked.checkout_token).toBe('checkout-1');
    const line = extension.shopify.lines.value[0]!;
    expect(asked.lines).toEqual([
      {
        variant_id: line.merchandise.id,
        product_id: line.merchandise.product.id,
        quantity: line.quantity,
        requires_shipping: line.merchandise.requiresShipping,
      },
    ]);
  });
});

describe('what it shows', () => {
  test('steps with dates, whom to ask, the offer and the LINE account', async () => {
    answers(answer());
    await show();
    expect(text()).toContain('Fri, Jun 12 – Sun, Jun 14');
    expect(text()).toContain('usually $19.80');
    expect(text()).toContain('This price until 2:35 PM');
    expect(hrefs()).toEqual([
      'https://okaeri.test/t/token',
      'mailto:help@example.com',
      'tel:+12125550123',
      OFFER.accept_url,
      'https://line.me/R/ti/p/@maple',
    ]);
    expect(find('s-qr-code')[0]!.getAttribute('content')).toBe('https://line.me/R/ti/p/@maple');
  });

  test('no second space after full-width punctuation', async () => {
    const support = {...answer().support, text: 'お気軽にお問い合わせください：'};
    answers(answer({support}));
    await show();
    expect(text()).toContain('お問い合わせください：help@example.com / ');
  });

  test('a code to scan where the screen is wide, a link where it is not', async () => {
    answers(answer());
    await show();
    const shown = (selector: string) =>
      find(selector)[0]!.closest('s-stack[display]')!.getAttribute('display');
    expect(shown('s-qr-code')).toMatch(/> 480px\) auto, none$/);
    expect(shown('s-button[target="_blank"]')).toMatch(/> 480px\) none, auto$/);
  });

  test('two answers of equal weight, nothing chosen beforehand, nothing that counts down', async () => {
    answers(answer());
    await show();
    const [accept, decline] = find('s-button');
    for (const name of ['variant', 'inlineSize', 'tone']) {
      expect(accept!.getAttribute(name)).toBe(decline!.getAttribute(name));
    }
    expect(find('s-checkbox')).toEqual([]);
    const before = document.body.innerHTML;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(document.body.innerHTML).toBe(before);
  });

  test('changes are announced politely', async () => {
    answers(answer());
    await show();
    expect(find('[accessibilityRole="status"]').length).toBe(1);
    expect(find('[accessibilityRole="alert"]')).toEqual([]);
  });

  test.each([
    ['show_offer', 'Dripper'],
    ['show_line', 'Maple on LINE'],
  ])('not what the merchant switched off: %s', async (setting, words) => {
    extension.shopify.settings.value = {...UNTOUCHED, [setting]: false};
    answers(answer());
    await show();
    expect(text()).not.toContain(words);
    expect(text()).toContain('Order received');
  });
});

describe('when our server is not there', () => {
  const own = () => {
    expect(text()).toContain('steps.received.title');
    expect(find('s-banner')).toEqual([]);
    expect(text().toLowerCase()).not.toContain('error');
  };

  test('it shows the steps that it knows itself', async () => {
    answers();
    await show();
    own();
    expect(text()).toContain('steps.arrive.title');
  });

  test('digital goods are not said to arrive', async () => {
    const line = createCartLine();
    line.merchandise.requiresShipping = false;
    extension.shopify.lines.value = [line];
    answers();
    await show();
    expect(text()).toContain('steps.access.title');
    expect(text()).not.toContain('steps.arrive.title');
  });

  test('it waits no longer than its patience, and asks again quietly', async () => {
    const never = vi.fn(() => new Promise<Response>(() => undefined));
    extension.fetch = never;
    await show();
    await vi.advanceTimersByTimeAsync(PATIENCE_MS);
    own();
    const recovered = answers(answer());
    await vi.advanceTimersByTimeAsync(4_000 + SETTLE_MS);
    expect(recovered).toHaveBeenCalledTimes(1);
    expect(text()).toContain('Fri, Jun 12 – Sun, Jun 14');
  });

  test('after a few attempts it leaves us in peace', async () => {
    const fetch = answers();
    await show();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  test.each([500, 401, 422])('an answer %i is no answer', async (status) => {
    extension.fetch = vi.fn().mockResolvedValue(new Response('{"error": 1}', {status}));
    await show();
    own();
  });

  test('neither is one that makes no sense, nor a missing session token', async () => {
    answers({hello: 'world'});
    await show();
    own();
    extension.shopify.sessionToken.get = () => Promise.reject(new Error('no token'));
    await vi.advanceTimersByTimeAsync(60_000);
    own();
  });
});

describe('as time passes', () => {
  test('while the order is not known it asks again, then shows the offer', async () => {
    const early = answer({offer: null, order_known: false, tracking_url: null, ask_again_in: 2});
    const fetch = answers(early, answer());
    await show();
    expect(text()).not.toContain('Dripper');
    await vi.advanceTimersByTimeAsync(2_000 + SETTLE_MS);
    expect(fetch).toHaveBeenCalledTimes(2);
    expect(text()).toContain('Dripper');
  });

  test('when the deadline comes it asks once, and says that the offer is over', async () => {
    const fetch = answers(answer(), answer({offer: null, offer_over: 'Our offer has ended.'}));
    await show();
    await vi.advanceTimersByTimeAsync(299_000);
    expect(fetch).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(fetch).toHaveBeenCalledTimes(2);
    expect(text()).toContain('Our offer has ended.');
    expect(hrefs()).not.toContain(OFFER.accept_url);
  });

  test('a no is remembered for this order', async () => {
    const write = vi.spyOn(extension.shopify.storage, 'write');
    answers(answer());
    await show();
    press('No, thank you');
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    expect(text()).toContain('All right.');
    expect(text()).not.toContain('Dripper');
    expect(write).toHaveBeenCalledWith('declined', 1);
  });

  test('after a no there may be one other offer, which the server says', async () => {
    const second = {...OFFER, step: 2, title: 'Mug', accept_url: 'https://okaeri.test/o/second'};
    answers(answer());
    await show();
    expect(text()).toContain('Many people buy these together');
    answers(answer({offer: second}));
    press('No, thank you');
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    expect(text()).toContain('Mug');
    expect(hrefs()).toContain(second.accept_url);
    expect(hrefs()).not.toContain(OFFER.accept_url);
    answers(answer({offer: null, offer_over: 'All right.'}));
    press('No, thank you');
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    expect(text()).not.toContain('Mug');
    expect(text()).toContain('All right.');
  });

  test('a no from before the reload still counts', async () => {
    extension.shopify.storage.read = async () => 1 as never;
    answers(answer());
    await show();
    expect(text()).toContain('All right.');
    expect(hrefs()).not.toContain(OFFER.accept_url);
  });
});

describe('what the shop asks', () => {
  const survey = {
    key: 'survey',
    heading: 'May we ask?',
    text: '',
    fields: [
      {
        name: 'gift',
        kind: 'choice',
        label: 'Is this a gift?',
        value: '',
        options: [
          {value: 'yes', label: 'Yes, a gift'},
          {value: 'no', label: 'No'},
        ],
        needed: true,
        earliest: '',
        latest: '',
      },
    ],
    submit_text: 'Send',
    done: null,
    failed_text: 'Please try again.',
    note: '',
  };

  async function choose(value: string): Promise<void> {
    const list = find('s-choice-list')[0] as HTMLElement & {values: string[]};
    list.values = [value];
    list.dispatchEvent(new Event('change'));
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
  }

  test('nothing is chosen beforehand; the answer goes out once and is acknowledged', async () => {
    const thanks = {...survey, fields: [], done: 'Thank you, that helps.'};
    const fetch = answers(answer({modules: [survey]}), answer({modules: [thanks]}));
    await show();
    expect(find('s-choice').map((choice) => choice.getAttribute('selected'))).not.toContain('true');
    await choose('yes');
    press('Send');
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    const [url, init] = fetch.mock.calls[1]!;
    expect(url).toBe('https://okaeri.test/widget/told');
    expect(JSON.parse(init.body)).toMatchObject({module: 'survey', values: {gift: 'yes'}});
    expect(text()).toContain('Thank you, that helps.');
    expect(find('s-choice-list')).toEqual([]);
  });

  test('a survey whose every answer is free waits for one', async () => {
    answers(answer({modules: [{...survey, fields: [{...survey.fields[0]!, needed: false}]}]}));
    await show();
    const disabled = () =>
      find('s-button').find((node) => node.textContent === 'Send')!.getAttribute('disabled');
    expect(disabled()).toBe('true');
    await choose('yes');
    expect(disabled()).not.toBe('true');
  });

  test('what stands in a field from the start is sent as it was seen', async () => {
    const field = {...survey.fields[0]!, name: 'city', kind: 'text', value: 'Shibuya', options: []};
    const fetch = answers(answer({modules: [{...survey, fields: [field]}]}), answer());
    await show();
    press('Send');
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    expect(JSON.parse(fetch.mock.calls[1]![1].body)).toMatchObject({values: {city: 'Shibuya'}});
  });

  test('everything stands in the order that the server says', async () => {
    answers(answer({modules: [survey], order: ['line', 'survey', 'offer']}));
    await show();
    const places = ['Maple on LINE', 'May we ask?', 'Dripper'].map((words) => {
      const found = find('s-section').findIndex((one) => one.outerHTML.includes(words));
      expect(found).toBeGreaterThan(0);
      return found;
    });
    expect(places).toEqual([...places].sort((one, other) => one - other));
  });

  test('when it cannot be kept, that is said and the page stays', async () => {
    answers(answer({modules: [survey]}));
    await show();
    await choose('no');
    press('Send');
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    expect(text()).toContain('Please try again.');
    expect(text()).toContain('Order received');
  });

  test('not where the merchant switched it off', async () => {
    extension.shopify.settings.value = {...UNTOUCHED, show_questions: false};
    answers(answer({modules: [survey]}));
    await show();
    expect(text()).not.toContain('May we ask?');
  });
});
