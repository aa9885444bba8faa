// What 000_e7af4d193c65dc6a.txt (PlexMCP) prints for TypeScript and JavaScript, run against a gateway.
const BASE = process.argv[2];
const slept = [];
const said = [];
const sleep = async (milliseconds) => void slept.push(milliseconds);
const console = { error: (text) => said.push(text) };

async function invoke(client) {
// As printed, from here,
try {
const result = await client.mcp.invoke({
mcpId: 'mcp_123',
tool: 'get_weather',
arguments: { location: 'SF' }
});
} catch (error) {
if (error.code === 'rate_limited') {
const retryAfter = error.headers['retry-after'];
await sleep(retryAfter * 1000);
// Retry request
} else if (error.code === 'mcp_unreachable') {
console.error('MCP is down, using fallback');
// Use fallback logic
} else {
throw error;
}
}
// to here,
}

// and from here,
async function retryWithBackoff(fn, maxRetries = 3) {
for (let i = 0; i < maxRetries; i++) {
try {
return await fn();
} catch (error) {
if (error.code === 'rate_limited') {
const baseDelay = error.headers['retry-after'] || 1;
const delay = baseDelay * Math.pow(2, i);
await sleep(delay * 1000);
} else if (error.code === 'internal_error' && i < maxRetries - 1) {
const delay = Math.pow(2, i) * 1000;
await sleep(delay);
} else {
throw error;
}
}
}
}
// to here.

// The library that the document's code calls: it throws what the API answers.
async function get(path, key) {
  const response = await fetch(`${BASE}/plexmcp${path}`, { headers: { 'X-API-Key': key } });
  const body = await response.json();
  if (body.success === false) {
    throw Object.assign(new Error(body.error.message), body.error, {
      headers: Object.fromEntries(response.headers),
    });
  }
  return body;
}

const client = (path, key) => ({ mcp: { invoke: () => get(path, key) } });
const code = (promise) => promise.then(() => null, (error) => error.code);
const report = {};

await get('/api/media/7', 'spent');
report.limited = await code(invoke(client('/api/media/7', 'spent')));
report.limited_slept = slept.splice(0);
report.unreachable = await code(invoke(client('/api/upstream/refused', 'a')));
report.unreachable_said = said.splice(0);
report.timeout = await code(invoke(client('/api/upstream/slow', 'b')));

let attempts = 0;
report.retried = await retryWithBackoff(() => get('/api/media/7', attempts++ === 0 ? 'spent' : 'c'));
report.retried_slept = slept.splice(0);
attempts = 0;
report.internal = await code(retryWithBackoff(() => get('/api/panic', `panic${attempts++}`)));
report.internal_slept = slept.splice(0);
process.stdout.write(JSON.stringify(report));
