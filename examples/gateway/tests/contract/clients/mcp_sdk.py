"""The official SDK for Python against an endpoint of the gateway: python mcp_sdk.py URL MODE KEY."""

import asyncio
import json
import sys

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

url, mode, key = sys.argv[1:]


async def error(call):
    try:
        return repr(await call)
    except MCPError as failure:
        return [failure.error.code, failure.error.message]


async def main():
    async with httpx2.AsyncClient(headers={"X-API-Key": key}) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
            search = await client.call_tool("media.search", {"id": 7})
            broken = await client.call_tool("media.broken", {}) if mode != "legacy" else None
            report = {
                "version": client.protocol_version,
                "server": client.server_info and client.server_info.name,
                "tools": [tool.name for tool in (await client.list_tools()).tools],
                "search": json.loads(search.content[0].text),
                "broken": broken and broken.is_error,
                "unknown_tool": await error(client.call_tool("no.such", {})),
            }
            for _ in range(30):
                report["limited"] = await error(client.call_tool("media.search", {}))
                if isinstance(report["limited"], list):
                    break
            print(json.dumps(report))


asyncio.run(main())
