// What 001_e57fd4902aff4060.txt (Plexichat) prints for JavaScript, run against a gateway.
const BASE = process.argv[2];
const slept = [];
let options = {};
// Whoever has waited is another client, so that nobody waits for real.
const sleep = async (milliseconds) => {
  slept.push(milliseconds);
  options.headers['X-API-Key'] += '+';
};

// As printed, from here,
async function apiRequest(url, options) {
    const response = await fetch(url, options);
    
    if (response.ok) {
        return response.json();
    }
    
    const error = await response.json();
    
    if (response.status === 429) {
        const retryAfter = error.error?.retry_after || 1;
        await sleep(retryAfter * 1000);
        return apiRequest(url, options);
    }
    
    throw new Error(error.error?.message || 'Unknown error');
}
// to here.

async function run(path, headers) {
  options = { headers };
  return apiRequest(`${BASE}/plexichat${path}`, options).catch((error) => error.message);
}

const report = {
  served: await run('/api/media/7', { 'X-API-Key': 'spent' }),
  limited: await run('/api/media/7', { 'X-API-Key': 'spent' }),
  limited_slept: slept,
  missing: await run('/api/media/4711', { 'X-API-Key': 'a' }),
  outdated: await run('/api/media/7', { 'X-API-Key': 'b', 'X-Client-Version': 'a.0.9-1' }),
};
process.stdout.write(JSON.stringify(report));
