import {defineConfig} from 'vitest/config';

export default defineConfig({
  esbuild: {jsx: 'automatic', jsxImportSource: 'preact'},
  // The Shopify CLI fills this in when it builds; the tests meet an address nobody answers at.
  define: {'process.env.APP_URL': JSON.stringify('https://okaeri.test')},
  test: {
    environment: 'jsdom',
    include: ['widgets/**/*.test.{ts,tsx}'],
    // The tester imports the extension's own sources, which only vite can read.
    server: {deps: {inline: ['@shopify/ui-extensions-tester']}},
  },
});
