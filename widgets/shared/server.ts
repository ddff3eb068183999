/** Where our own server is. */

/** The origin of `application_url` in shopify.app.toml; a test compares the two. */
export const HOST = 'https://okaeri.example';

/** There is no `process` where an extension runs: the Shopify CLI writes the value in its place. */
declare const process: {env: {APP_URL?: string}};

/** `shopify app dev` builds with the address of its tunnel in APP_URL, and so may anyone else; a
 * build that names none is for the host itself. */
export function server(): string {
  try {
    return process.env.APP_URL || HOST;
  } catch {
    return HOST;
  }
}
