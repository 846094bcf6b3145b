// How the page is built: what comes in is index.html, src/ and public/; what leaves is dist/, which the server embeds.
//
// Invariant: nothing is inlined, because the page's Content-Security-Policy knows no data: and no inline code.
import { defineConfig } from 'vite';

const server = process.env['BELFRY_URL'] ?? 'http://localhost:8080';

export default defineConfig({
  build: {
    target: ['chrome105', 'firefox115', 'safari16'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 300,
  },
  server: {
    // `npm run dev` talks to a running server as if the page came from it.
    proxy: {
      '/v1': {
        target: server,
        changeOrigin: true,
        ws: true,
        rewriteWsOrigin: true,
        headers: { Origin: server },
      },
    },
  },
});
