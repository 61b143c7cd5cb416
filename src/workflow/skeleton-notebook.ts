/** The destination of a new project: a notebook over HTTP that needs nothing but Node, and its OpenAPI document. */

export const notebookScript = `// A notebook over HTTP, for trying Signalbox: it keeps notes in memory until you stop it.
//   node notebook.mjs            then: curl http://127.0.0.1:8399/notes
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const notes = new Map();
const answered = new Map(); // by Idempotency-Key: a repeated call gets the first answer and adds nothing

const server = createServer(async (request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const { pathname } = new URL(request.url, 'http://notebook');
  if (request.method === 'POST' && pathname === '/notes') {
    const key = request.headers['idempotency-key'];
    let note = answered.get(key);
    if (note === undefined) {
      const fields = await json(request);
      if (fields === null) return answer(400, { error: 'the body is no JSON object' });
      note = { ...fields, id: randomUUID() };
      notes.set(note.id, note);
      if (key !== undefined) answered.set(key, note);
      console.log('noted: ' + note.title);
    }
    return answer(201, note);
  }
  if (request.method === 'GET' && pathname === '/notes') return answer(200, [...notes.values()]);
  const note = notes.get(pathname.slice('/notes/'.length));
  if (request.method === 'GET' && note !== undefined) return answer(200, note);
  answer(404, { error: 'there is no such note' });
});

async function json(request) {
  let text = '';
  for await (const part of request.setEncoding('utf8')) {
    text += part;
    if (text.length > 1_000_000) return null;
  }
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

const port = Number(process.env.NOTEBOOK_PORT ?? 8399);
server.listen(port, '127.0.0.1', () => {
  console.log('the notebook is open at http://127.0.0.1:' + server.address().port + '/notes');
});
`;

export const notebookDocument = `openapi: 3.1.0
info: { title: Notebook, version: 1.0.0 }
paths:
  /notes:
    post:
      operationId: addNote
      requestBody:
        required: true
        content:
          application/json:
            schema: { $ref: '#/components/schemas/NewNote' }
      responses:
        '201':
          description: The note as it is kept.
          content:
            application/json:
              schema: { $ref: '#/components/schemas/Note' }
  /notes/{id}:
    get:
      operationId: getNote
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
      responses:
        '200':
          description: The note as it is kept.
          content:
            application/json:
              schema: { $ref: '#/components/schemas/Note' }
components:
  schemas:
    NewNote:
      type: object
      required: [title, text, team]
      properties:
        title: { type: string, minLength: 1 }
        text: { type: string }
        team: { type: string }
        from: { type: string }
    Note:
      type: object
      required: [id, title, text, team]
      properties:
        id: { type: string }
        title: { type: string }
        text: { type: string }
        team: { type: string }
        from: { type: string }
`;
