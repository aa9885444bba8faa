# What 000_e7af4d193c65dc6a.txt (PlexMCP) prints for Python, run against a gateway.
import json
import sys
import types

import requests

BASE = sys.argv[1]
slept = []
said = []


class PlexMCPError(Exception):
    def __init__(self, response):
        error = response.json()["error"]
        super().__init__(error["message"])
        self.code = error["code"]
        self.retry_after = int(response.headers.get("Retry-After", 0))


# The library that the document's code calls: it raises what the API answers.
plexmcp = types.ModuleType("plexmcp")
plexmcp.PlexMCPError = PlexMCPError
sys.modules["plexmcp"] = plexmcp
time = types.SimpleNamespace(sleep=slept.append)
print = said.append


def client_of(path, key):
    def invoke(**_):
        response = requests.get(f"{BASE}/plexmcp{path}", headers={"X-API-Key": key})
        if not response.ok:
            raise PlexMCPError(response)
        return response.json()

    return types.SimpleNamespace(mcp=types.SimpleNamespace(invoke=invoke))


DOCUMENT = """
from plexmcp import PlexMCPError

try:
    result = client.mcp.invoke(
        mcp_id="mcp_123",
        tool="get_weather",
        arguments={"location": "SF"}
    )
except PlexMCPError as e:
    if e.code == "rate_limited":
        time.sleep(e.retry_after)
        # Retry request
    elif e.code == "mcp_unreachable":
        print("MCP is down, using fallback")
        # Use fallback logic
    else:
        raise
"""


def run(path, key):
    try:
        exec(DOCUMENT, {"client": client_of(path, key), "time": time, "print": print})
    except PlexMCPError as error:
        return error.code
    return None


client_of("/api/media/7", "spent").mcp.invoke()
report = {"limited": run("/api/media/7", "spent"), "limited_slept": slept[:]}
report["unreachable"] = run("/api/upstream/refused", "a")
report["unreachable_said"] = said[:]
report["timeout"] = run("/api/upstream/slow", "b")
sys.stdout.write(json.dumps(report))
