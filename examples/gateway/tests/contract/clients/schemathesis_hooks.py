"""What schemathesis does not send to the gateway."""

import schemathesis


@schemathesis.hook
def filter_case(context, case):
    """MCP responds to no notification: to one that is rejected with a status and no body, beside which OpenAPI cannot
    say that other rejections have one."""
    messages = case.body if isinstance(case.body, list) else [case.body]
    is_mcp = case.path.rstrip("/").endswith("/mcp")
    return not is_mcp or not all(is_notification(message) for message in messages)


def is_notification(message):
    return isinstance(message, dict) and "id" not in message
