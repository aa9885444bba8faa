# What 004_6eb256a17dbf44a7.txt (RouterMCP) prints for Python, run against a gateway.
import json
import sys
import types

import requests as http

BASE = sys.argv[1]


# As printed, from here,
import requests

class McpError(Exception):
    def __init__(self, code, message):
        self.code = code
        super().__init__(message)

def call_mcp(project_slug, api_key, method, params=None):
    response = requests.post(
        f'https://gateway.routermcp.com/v1/mcp/{project_slug}/request',
        headers={
            'Content-Type': 'application/json',
            'Authorization': f'Bearer {api_key}'
        },
        json={
            'jsonrpc': '2.0',
            'id': 1,
            'method': method,
            'params': params or {}
        }
    )
    
    if response.status_code == 429:
        retry_after = response.headers.get('Retry-After', 30)
        raise McpError(-32005, f'Rate limited. Retry after {retry_after}s')
    
    response.raise_for_status()
    data = response.json()
    
    if 'error' in data:
        raise McpError(data['error']['code'], data['error']['message'])
    
    return data['result']
# to here.


def post(url, **kwargs):
    assert url == "https://gateway.routermcp.com/v1/mcp/media/request", url
    return http.post(f"{BASE}/routermcp/mcp", **kwargs)


requests = types.SimpleNamespace(post=post)


def run(key, method, params=None):
    try:
        return call_mcp("media", key, method, params)
    except McpError as error:
        return [error.code, str(error)]


report = {
    "served": [tool["name"] for tool in run("spent", "tools/list")["tools"]],
    "limited": run("spent", "tools/list"),
    "unknown_tool": run("a", "tools/call", {"name": "create_issue"}),
    "unknown_method": run("b", "tools/forget"),
    "broken": run("c", "tools/call", {"name": "media.broken"}),
    "slow": run("d", "tools/call", {"name": "media.slow"}),
}
sys.stdout.write(json.dumps(report))
