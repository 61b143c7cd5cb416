import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/**
 * `npm run build` makes what Signalbox serves at `/`: dist/console, beside the compiled server, so that the folder lies
 * at the same place whether the server runs from source or from the package.
 * `npx vite console` serves it while you work on it, with the API of the server at SIGNALBOX_URL.
 */
const api = process.env.SIGNALBOX_URL ?? 'http://127.0.0.1:8321';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  // The server replaces it in every answer (src/api/console.ts).
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: fileURLToPath(new URL('../dist/console', import.meta.url)),
    emptyOutDir: true,
    target: 'es2024',
    // What each chunk needs is named in the script that asks for it; an inline polyfill would need a looser policy.
    modulePreload: { polyfill: false },
    // Nothing becomes a data: URL, which the policy does not allow.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    port: 8320,
    proxy: Object.fromEntries(
      ['/api', '/openapi.json'].map((path) => [
        path,
        {
          target: api,
          changeOrigin: true,
          configure: (proxy) => proxy.on('proxyReq', (request) => request.setHeader('origin', api)),
        },
      ]),
    ),
  },
});
