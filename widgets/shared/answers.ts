import type {Answer, Offer} from './answer';

export const OFFER: Offer = {
  step: 1,
  heading: 'With this order, at a lower price',
  title: 'Dripper',
  why_text: 'Many people buy these together',
  image_url: 'https://cdn.example/dripper.png',
  price_text: '$17.82',
  was_text: 'usually $19.80',
  percent: 10,
  percent_text: '10% off',
  deadline_text: 'This price until 2:35 PM',
  deadline_iso: '2026-06-10T18:35:00+00:00',
  seconds_left: 300,
  accept_url: 'https://okaeri.test/o/token',
  accept_text: 'Go to checkout at this price',
  decline_text: 'No, thank you',
  declined_text: 'All right.',
  note: 'This button orders nothing yet.',
};

export function answer(changes: Partial<Answer> = {}): Answer {
  return {
    title: 'What happens next',
    steps: [
      {key: 'received', title: 'Order received', text: 'Thank you.', date_text: 'Wed, Jun 10', done: true},
      {key: 'arrive', title: 'It arrives', text: '', date_text: 'Fri, Jun 12 – Sun, Jun 14', done: false},
    ],
    support: {text: 'Questions?', email: 'help@example.com', phone: '+1 212 555 0123', hours: '9–5'},
    offer: OFFER,
    offer_over: null,
    line: {
      title: 'Maple on LINE',
      note: 'Ask us anything.',
      url: 'https://line.me/R/ti/p/@maple',
      link_text: 'Add on LINE',
      qr_text: 'Scan this code.',
    },
    modules: [],
    order: ['offer', 'survey', 'reminder', 'consent', 'line'],
    tracking_url: 'https://okaeri.test/t/token',
    tracking_text: 'Track your order',
    ways: [],
    order_known: true,
    ask_again_in: null,
    ...changes,
  };
}
