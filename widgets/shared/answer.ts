/** What our server says about one order's thank-you page. It speaks one language throughout, so the
 * words on the buttons come with it too. */

export interface Step {
  key: string;
  title: string;
  text: string;
  date_text: string | null;
  done: boolean;
}

export interface Offer {
  /** 1, or 2 for the one other offer after a no. */
  step: number;
  heading: string;
  title: string;
  /** Why just this is suggested; empty where nobody says. */
  why_text: string;
  image_url: string | null;
  price_text: string;
  /** Empty, as `percent_text`, where no earlier price may be named. */
  was_text: string;
  percent: number;
  percent_text: string;
  /** A clock time, never a countdown; null where no deadline is shown. */
  deadline_text: string | null;
  deadline_iso: string;
  /** How long the offer is still true, by the server's clock. */
  seconds_left: number;
  accept_url: string;
  accept_text: string;
  decline_text: string;
  declined_text: string;
  note: string;
}

export interface Line {
  title: string;
  note: string;
  url: string;
  link_text: string;
  qr_text: string;
}

export interface Support {
  text: string;
  email: string | null;
  phone: string | null;
  hours: string | null;
}

/** One input of a module. `kind`: choice, text, date or check; a date lies between two others. */
export interface Field {
  name: string;
  kind: string;
  label: string;
  value: string;
  options: {value: string; label: string}[];
  needed: boolean;
  earliest: string;
  latest: string;
}

/** Something to read in lines of its own, as an address is written. */
export interface Fact {
  label: string;
  lines: string[];
}

/** Something the shop asks, or offers to put right: a few fields and a button. */
export interface Module {
  key: string;
  heading: string;
  text: string;
  facts?: Fact[];
  fields: Field[];
  submit_text: string;
  /** Said instead of the form once it was answered. */
  done: string | null;
  failed_text: string;
  note: string;
}

/** A link to go on by. */
export interface Way {
  text: string;
  url: string;
}

export interface Answer {
  title: string;
  steps: Step[];
  support: Support;
  offer: Offer | null;
  /** Set instead of `offer` once it is declined or its deadline has passed. */
  offer_over: string | null;
  line: Line | null;
  modules: Module[];
  /** In which order what is below the timeline stands: `offer`, `line` and the keys of modules. */
  order: string[];
  tracking_url: string | null;
  tracking_text: string;
  /** Where to go on once everything is there. */
  ways?: Way[];
  order_known: boolean;
  /** Seconds after which asking again may bring more; null when it will not. */
  ask_again_in: number | null;
}

export interface Question {
  surface: 'thank_you' | 'order_status';
  checkout_token: string | null;
  order_gid: string | null;
  locale: string;
  country: string | null;
  timezone: string | null;
  lines: {variant_id: string; product_id: string; quantity: number; requires_shipping: boolean}[];
}

/** What a person answered to one module. */
export interface Told extends Question {
  module: string;
  values: {[name: string]: string};
}

/** The page does not wait for a slow server longer than this. */
export const PATIENCE_MS = 2500;

/** Ask our server. Null when it is down, slow or refuses: the page then does without it. */
export async function ask(
  url: string,
  token: () => Promise<string>,
  question: Question | Told,
): Promise<Answer | null> {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooSlow = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      abort.abort();
      resolve(null);
    }, PATIENCE_MS);
  });
  try {
    return await Promise.race([fetchAnswer(url, token, question, abort.signal), tooSlow]);
  } catch {
    // Whatever went wrong, the shopper has just bought something and shall not read about it.
    return null;
  } finally {
    clearTimeout(timer);
  }
}

async function fetchAnswer(
  url: string,
  token: () => Promise<string>,
  question: Question | Told,
  signal: AbortSignal,
): Promise<Answer | null> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {'Content-Type': 'application/json', Authorization: `Bearer ${await token()}`},
    body: JSON.stringify(question),
    signal,
  });
  if (!response.ok) return null;
  const answer: Answer = await response.json();
  return Array.isArray(answer.steps) ? answer : null;
}
