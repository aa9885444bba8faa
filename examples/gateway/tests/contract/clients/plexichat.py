# What 001_e57fd4902aff4060.txt (Plexichat) prints for Python, run against a gateway.
import json
import sys
import types

import requests as http

BASE = sys.argv[1]
slept = []
called = []
logged = []

# The printed code hands the URL on as the only argument.
requests = types.SimpleNamespace(request=lambda url, **kwargs: http.get(url, **kwargs))


class APIError(Exception):
    pass


def refresh_token():
    called.append("refresh_token")


def retry_request():
    called.append("retry_request")
    return "retried"


def show_update_prompt():
    called.append("show_update_prompt")


def log_error(code, message):
    logged.append([code, message])


# As printed, from here,
import time

def api_request(url, **kwargs):
    response = requests.request(url, **kwargs)
    
    if response.status_code == 200:
        return response.json()
    
    elif response.status_code == 401:
        # Re-authenticate
        refresh_token()
        return retry_request()
    
    elif response.status_code == 429:
        # Rate limited - wait and retry
        error = response.json().get("error", {})
        retry_after = error.get("retry_after", 1)
        time.sleep(retry_after)
        return retry_request()
    
    elif response.status_code == 426:
        # Update required
        show_update_prompt()
        return None
    
    else:
        error = response.json().get("error", {})
        log_error(error.get("code"), error.get("message"))
        raise APIError(error.get("message"))
# to here.


time = types.SimpleNamespace(sleep=slept.append)


def run(path, key, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        result = api_request(f"{BASE}/plexichat{path}", headers={"X-API-Key": key, **headers})
    except APIError as error:
        result = f"APIError: {error}"
    return [result, called[:], called.clear()][:2]


report = {
    "served": run("/api/media/7", "spent"),
    "limited": run("/api/media/7", "spent"),
    "limited_slept": slept,
    "unauthenticated": run("/api/private", "a"),
    "outdated": run("/api/media/7", "b", X_Client_Version="a.0.9-1"),
    "missing": run("/api/media/4711", "c"),
    "logged": logged,
}
sys.stdout.write(json.dumps(report))
