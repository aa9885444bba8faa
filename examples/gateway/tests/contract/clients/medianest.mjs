// What 003_bf54fdf540340d3e.txt (MediaNest) prints for JavaScript, run against a gateway.
const BASE = process.argv[2];
const calls = [];
const call = (name) => (...given) => void calls.push([name, ...given]);
const window = { location: { href: '/' } };
const displayValidationErrors = call('displayValidationErrors');
const handleNetworkError = call('handleNetworkError');
const retryRequest = call('retryRequest');
const setTimeout = (retry, milliseconds) => {
  calls.push(['setTimeout', milliseconds]);
  retry();
};
const showGenericError = call('showGenericError');
const showPlexConnectionError = call('showPlexConnectionError');

// As printed, from here,
async function handleApiRequest(url, options) {
  try {
    const response = await fetch(url, options);
    const data = await response.json();
    
    if (!data.success) {
      throw new ApiError(data.error);
    }
    
    return data.data;
  } catch (error) {
    if (error instanceof ApiError) {
      handleApiError(error);
    } else {
      handleNetworkError(error);
    }
  }
}

class ApiError extends Error {
  constructor(errorInfo) {
    super(errorInfo.message);
    this.code = errorInfo.code;
    this.details = errorInfo.details;
  }
}

function handleApiError(error) {
  switch (error.code) {
    case 'UNAUTHORIZED':
      // Redirect to login
      window.location.href = '/login';
      break;
      
    case 'VALIDATION_ERROR':
      // Display validation errors
      displayValidationErrors(error.details.errors);
      break;
      
    case 'RATE_LIMIT_EXCEEDED':
      // Show rate limit message and retry
      const retryAfter = error.details.retry_after * 1000;
      setTimeout(() => retryRequest(), retryAfter);
      break;
      
    case 'PLEX_UNREACHABLE':
      // Show Plex connectivity error
      showPlexConnectionError();
      break;
      
    default:
      // Generic error handler
      showGenericError(error.message);
  }
}
// to here.

async function run(path, key, options = {}) {
  const headers = { 'X-API-Key': key, 'Content-Type': 'application/json' };
  const served = await handleApiRequest(`${BASE}/medianest${path}`, { headers, ...options });
  return { served, calls: calls.splice(0), location: window.location.href };
}

const report = {
  served: await run('/api/media/7', 'spent'),
  limited: await run('/api/media/7', 'spent'),
  validation: await run('/api/media', 'a', { method: 'POST', body: '{"title": 1, "tmdbId": -1}' }),
  unreachable: await run('/api/upstream/refused', 'b'),
  timeout: await run('/api/upstream/slow', 'c'),
  panicked: await run('/api/panic', 'd'),
  unauthorized: await run('/api/private', 'e'),
};
process.stdout.write(JSON.stringify(report));
