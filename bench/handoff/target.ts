import { createServer } from 'node:http';

/**
 * The system that handoffs go to, in a process of its own: `POST /projects` opens a project, once for each Idempotency-Key,
 * `GET /projects/{id}` shows it. It counts its effects: `GET /effects`.
 */
const byKey = new Map<string, string>();
const projects = new Map<string, string>();
let effects = 0;

const server = createServer((request, response) => {
  const answer = (status: number, body: string) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    response.writeHead(status, headers).end(body);
  };
  const url = request.url ?? '/';
  if (request.method === 'GET') {
    if (url === '/effects') return answer(200, JSON.stringify({ effects }));
    const project = projects.get(url.slice('/projects/'.length));
    return project === undefined
      ? answer(404, '{"title":"no such project","status":404}')
      : answer(200, project);
  }
  let text = '';
  request.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  request.on('end', () => {
    const key = String(request.headers['idempotency-key'] ?? '');
    const known = byKey.get(key);
    if (known !== undefined) {
      answer(201, projects.get(known) ?? '{}');
      return;
    }
    effects += 1;
    const id = `p${effects}`;
    const project = JSON.stringify({ id, manager: 'lena', ...JSON.parse(text) });
    projects.set(id, project);
    byKey.set(key, id);
    answer(201, project);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.BENCH_TARGET_PORT ?? 0), '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  process.send?.({ url: `http://127.0.0.1:${port}` });
});
const abandoned = () => process.exit(1);
process.once('disconnect', abandoned);
process.once('SIGTERM', () => process.exit(0));
