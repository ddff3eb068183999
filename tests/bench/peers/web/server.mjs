// A thank-you API and a tracking page as others write them: Express, pg, jsonwebtoken, Handlebars.
// Reads what our pages must read of an order, as rows, and says it in a few words. What it leaves
// out is named in tests/bench/test_web_peers.py.
import express from "express";
import { readFileSync } from "node:fs";
import Handlebars from "handlebars";
import jwt from "jsonwebtoken";
import pg from "pg";

const { DATABASE, SECRET, AUDIENCE, SHOP_ID } = process.env;
const pool = new pg.Pool({ ...JSON.parse(DATABASE), max: 8 });
const page = Handlebars.compile(readFileSync(new URL("page.hbs", import.meta.url), "utf8"));
const day = new Intl.DateTimeFormat("ja", { month: "long", day: "numeric", weekday: "short" });

const BIND = "SELECT set_config('okaeri.shop_id', $1, true)";
const BY_CHECKOUT = `SELECT o.*, g.terms, g.deadline FROM orders o
  LEFT JOIN offer_grants g ON g.shop_id = o.shop_id AND g.checkout_token = o.checkout_token
  WHERE o.shop_id = $1 AND o.checkout_token = $2 LIMIT 1`;
const OF_ORDER = {
  lines: `SELECT l.title, l.quantity, l.price_minor, p.image_url FROM order_lines l
    LEFT JOIN products p ON p.shop_id = l.shop_id AND p.shopify_id = l.product_shopify_id
    WHERE l.shop_id = $1 AND l.order_id = $2 ORDER BY l.id`,
  parcels: "SELECT * FROM parcels WHERE shop_id = $1 AND order_id = $2 ORDER BY shipped_at",
};
const OF_PAGE = {
  ...OF_ORDER,
  questions: `SELECT key, kind, texts FROM survey_questions
    WHERE shop_id = $1 AND active AND $2::bigint > 0 ORDER BY position`,
  consents: "SELECT channel, topic, granted FROM consent_records WHERE shop_id = $1 AND customer_id = $2",
};

// One statement each and the same name each time: pg then prepares it once a connection.
const ask = async (client, name, text, values) => (await client.query({ name, text, values })).rows;

async function bound(work) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await ask(client, "bind", BIND, [SHOP_ID]);
    const [shop] = await ask(client, "shop", "SELECT * FROM shops WHERE shop_id = $1", [SHOP_ID]);
    const found = await work(client, shop);
    await client.query("COMMIT");
    return found;
  } finally {
    client.release();
  }
}

async function about(client, questions, order) {
  const found = {};
  for (const [name, text] of Object.entries(questions)) {
    const of = name === "consents" ? order.customer_id : order.id;
    found[name] = await ask(client, name, text, [SHOP_ID, of]);
  }
  return found;
}

const days = (from) => [1, 2, 4].map((n) => day.format(new Date(from.getTime() + n * 864e5)));

const app = express();
app.disable("x-powered-by");
app.use(express.json());

app.post("/widget/thank-you", async (request, response) => {
  const token = (request.get("authorization") ?? "").replace("Bearer ", "");
  try {
    jwt.verify(token, SECRET, { algorithms: ["HS256"], audience: AUDIENCE });
  } catch {
    return response.status(401).end();
  }
  const answer = await bound(async (client, shop) => {
    const [order] = await ask(client, "order", BY_CHECKOUT, [SHOP_ID, request.body.checkout_token]);
    if (request.query.least) return { name: order.name, total: order.total_minor };
    const { lines, parcels, questions, consents } = await about(client, OF_PAGE, order);
    const [ships, , arrives] = days(order.placed_at);
    return {
      title: shop.name,
      order: order.name,
      steps: [{ key: "received" }, { key: "prepare", day: ships }, { key: "arrive", day: arrives }],
      offer: order.terms && { ...order.terms, deadline: order.deadline },
      lines, parcels, questions, consents,
    };
  });
  response.set("Access-Control-Allow-Origin", "*").set("Cache-Control", "no-store").json(answer);
});

app.get("/t/:order", async (request, response) => {
  const html = await bound(async (client, shop) => {
    const [order] = await ask(client, "by_id", "SELECT * FROM orders WHERE shop_id = $1 AND id = $2",
      [SHOP_ID, request.params.order]);
    const found = await about(client, OF_ORDER, order);
    return page({ shop, order, days: days(order.placed_at), ...found });
  });
  response.set("Cache-Control", "no-store").type("html").send(html);
});

// What this process has spent so far, in microseconds.
app.get("/spent", (_request, response) => {
  const { user, system } = process.cpuUsage();
  response.json(user + system);
});

const server = app.listen(Number(process.env.PORT), "127.0.0.1", () =>
  console.log(JSON.stringify({ port: server.address().port })));
