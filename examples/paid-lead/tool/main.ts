/** The project tool by itself: `node tool/main.ts`, with PM_TOOL_PORT (4870), PM_TOOL_TOKEN (project-tool-demo) and PM_TOOL_FILE (none). */
import { startProjectTool } from './server.ts';

const { PM_TOOL_PORT = '4870', PM_TOOL_TOKEN = 'project-tool-demo', PM_TOOL_FILE } = process.env;

const tool = await startProjectTool({
  port: Number(PM_TOOL_PORT),
  token: PM_TOOL_TOKEN,
  ...(PM_TOOL_FILE === undefined ? {} : { file: PM_TOOL_FILE }),
});
console.log(`project tool at ${tool.url}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void tool.close());
