// What 004_6eb256a17dbf44a7.txt (RouterMCP) prints for JavaScript, run against a gateway.
const BASE = process.argv[2];
const PRINTED = 'https://gateway.routermcp.com/v1/mcp/media/request';
const real = globalThis.fetch;
const fetch = (url, options) => {
  if (url !== PRINTED) throw new Error(url);
  return real(`${BASE}/routermcp/mcp`, options);
};

// As printed, from here,
async function callMcp(projectSlug, apiKey, method, params) {
  const response = await fetch(
    `https://gateway.routermcp.com/v1/mcp/${projectSlug}/request`,
    {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Authorization': `Bearer ${apiKey}`
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: Date.now(),
        method,
        params
      })
    }
  );
  
  if (!response.ok) {
    if (response.status === 429) {
      const retryAfter = response.headers.get('Retry-After');
      throw new Error(`Rate limited. Retry after ${retryAfter}s`);
    }
    throw new Error(`HTTP ${response.status}`);
  }
  
  const data = await response.json();
  
  if (data.error) {
    switch (data.error.code) {
      case -32001:
        throw new Error('Invalid API key');
      case -32002:
        throw new Error(`Tool not found: ${params?.name}`);
      case -32004:
        throw new Error(`Upstream error: ${data.error.message}`);
      default:
        throw new Error(data.error.message);
    }
  }
  
  return data.result;
}
// to here.

const run = (key, method, params) =>
  callMcp('media', key, method, params).catch((error) => error.message);

const report = {
  served: (await run('spent', 'tools/list')).tools.map((tool) => tool.name),
  limited: await run('spent', 'tools/list'),
  unknown_tool: await run('a', 'tools/call', { name: 'create_issue' }),
  unknown_method: await run('b', 'tools/forget'),
  broken: await run('c', 'tools/call', { name: 'media.broken' }),
  slow: await run('d', 'tools/call', { name: 'media.slow' }),
};
process.stdout.write(JSON.stringify(report));
