// The official SDK for TypeScript against an endpoint of the gateway: node mcp_sdk.mjs URL MODE KEY.
import { createRequire } from 'node:module';

// It is not installed beside this file.
const require = createRequire(`${process.env.MCP_SDK}/`);
const { Client, StreamableHTTPClientTransport } = require('@modelcontextprotocol/client');

const [url, mode, key] = process.argv.slice(2);
const isPin = mode !== 'auto' && mode !== 'legacy';
const client = new Client(
  { name: 'test', version: '1' },
  { versionNegotiation: { mode: isPin ? { pin: mode } : mode } },
);
const requestInit = { headers: { 'X-API-Key': key } };
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));

const call = (name, args = {}) => client.callTool({ name, arguments: args });
const error = async promise => {
  try {
    return { result: await promise };
  } catch (failure) {
    // It reads no body of a 429.
    return failure.data?.status ? ['HTTP', failure.data.status] : [failure.code, failure.message];
  }
};

const search = await call('media.search', { id: 7 });
const report = {
  version: client.getNegotiatedProtocolVersion(),
  server: client.getServerVersion()?.name,
  tools: (await client.listTools()).tools.map(tool => tool.name),
  search: JSON.parse(search.content[0].text),
  broken: mode === 'legacy' ? null : (await call('media.broken')).isError,
  unknown_tool: await error(call('no.such')),
};
for (let calls = 0; calls < 30; calls++) {
  report.limited = await error(call('media.search'));
  if (Array.isArray(report.limited)) break;
}
console.log(JSON.stringify(report));
await client.close();
