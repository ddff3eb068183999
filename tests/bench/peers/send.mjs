// What others write and send an order's mail with, as the bench beside ours asks:
//   node send.mjs <precompiled|mjml> <how many> [<port of a mail server>]
// Reads the mail's words as JSON from the standard input. `precompiled` turns MJML into HTML once,
// tags and all, and lets Handlebars fill it for each mail; `mjml` translates each mail anew. Without
// a port it only renders. Prints what it cost as JSON: CPU seconds of this process, bytes of HTML.
import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import mjml2html from 'mjml';
import nodemailer from 'nodemailer';

const WARM = 100;
const [mode, count, port] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const words = JSON.parse(readFileSync(0, 'utf8'));
const text = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');

const plain = Handlebars.compile(text('order.txt.hbs'));
const source = text('order.mjml');
const translate = async (mjml) => (await mjml2html(mjml, { validationLevel: 'skip' })).html;
const filled = Handlebars.compile(mode === 'mjml' ? source : await translate(source));
const html = mode === 'mjml' ? async () => translate(filled(words)) : async () => filled(words);

const post = port && nodemailer.createTransport({ host: '127.0.0.1', port, pool: true, maxConnections: 8, maxMessages: Infinity, ignoreTLS: true });
const one = async () => {
  const mail = { from: words.from, to: words.to, subject: words.subject, text: plain(words), html: await html() };
  if (post) await post.sendMail(mail);
  return mail.html.length;
};
const many = async (number) => {
  let left = number;
  const lane = async () => { while (left-- > 0) await one(); };
  await Promise.all(Array.from({ length: post ? 8 : 1 }, lane));
};

await many(Math.min(WARM, count));
const before = process.cpuUsage();
await many(count);
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ cpu_s: (user + system) / 1e6, html: Buffer.byteLength(await html()) }));
if (post) post.close();
