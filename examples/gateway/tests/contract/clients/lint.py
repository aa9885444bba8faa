"""Reads responses, one in JSON on each line, and writes what httplint finds wrong with each: `["a name", "a note"]`."""

import json
import sys
import types

# httplint guesses types from content with it, and does without a guess that fails. It has no wheel to pin.
sys.modules["sniffpy"] = types.ModuleType("sniffpy")

from httplint import HttpRequestLinter, HttpResponseLinter
from httplint.note import levels


def fields(pairs):
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]


def lint(exchange):
    request = HttpRequestLinter()
    request.process_request_topline(exchange["method"].encode(), exchange["target"].encode(), b"1.1")
    request.process_headers(fields(exchange["request"]))
    request.finish_content(True)
    response = HttpResponseLinter()
    response.request = request
    response.is_head_response = exchange["method"] == "HEAD"
    response.process_response_topline(b"1.1", str(exchange["status"]).encode())
    response.process_headers(fields(exchange["response"]))
    response.feed_content(exchange["body"].encode())
    response.finish_content(True)
    return flat(response.notes)


def flat(notes):
    for note in notes:
        yield note
        yield from flat(note.subnotes)


for line in sys.stdin:
    exchange = json.loads(line)
    for note in lint(exchange):
        if note.level in (levels.BAD, levels.WARN):
            print(json.dumps([exchange["name"], str(note.summary)]))
