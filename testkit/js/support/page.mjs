// The page that Converse.js runs in, served from here: the stock build of the package and nothing else.
//
// In come requests; out go the page and the package's files. Invariant: nothing outside of dist/ is served.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { pagePort, port } from './server.mjs';

const DIST = new URL('../node_modules/converse.js/dist', import.meta.url).pathname;
const TYPES = {
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** What Converse is told of the server, by how it is to come in. */
const CARRIERS = {
  websocket: { websocket_url: `ws://localhost:${port}/xmpp-websocket` },
  bosh: { bosh_service_url: `http://localhost:${port}/http-bind` },
};

const page = (settings) => `<!doctype html>
<meta charset="utf-8">
<title>Converse.js</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/dist/converse.min.css">
<script type="module" src="/dist/converse.min.js"></script>
<body class="reset"></body>
<script type="module">converse.initialize(${JSON.stringify(settings)});</script>
`;

export const origin = `http://localhost:${pagePort}`;

export async function servePage() {
  const door = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, origin);
    if (pathname === '/') {
      const settings = {
        assets_path: '/dist/',
        discover_connection_methods: false,
        i18n: 'en',
        play_sounds: false,
        show_background: false,
        theme: 'classic',
        ...CARRIERS[searchParams.get('by')],
      };
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(page(settings));
      return;
    }
    const file = join(DIST, normalize(decodeURIComponent(pathname)).replace(/^\/dist\//, '/'));
    if (!pathname.startsWith('/dist/') || !file.startsWith(`${DIST}/`) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => door.listen(pagePort, '127.0.0.1', resolve));
  return () => {
    door.closeAllConnections();
    return new Promise((resolve) => door.close(resolve));
  };
}
