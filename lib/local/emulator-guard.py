"""Starts MiniStack behind a guard, so that no web page can reach it, and reports whether it saved its data when it was stopped.

MiniStack asks for no credentials and runs the code of the Lambda functions that it is given. A page of any site can send requests to
loopback addresses, so the guard answers 403 to what only browsers send, and to Host names by which a foreign page could claim the same
origin (DNS rebinding). The local pages reach the API through lib/local/proxy.ts, which marks what it forwards with a header: a page
cannot add that header without asking first (CORS preflight), and the guard refuses that question, too.

MiniStack logs the files that it could not write, and exits as if it had saved everything. The report says which they were.

MiniStack parses the expression of a query again for every item that it compares with it, which took more than half of its time in a run. The
parses are remembered.
"""

import functools
import json
import logging
import os
import re

# Browsers resolve names below localhost to loopback themselves, so no foreign name server can answer for them.
OWN_HOST = re.compile(rb"(?:localhost|[a-z0-9._-]+\.localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)
# Old browsers send no Sec-Fetch-Site, and send no Origin with a GET; every browser calls itself Mozilla.
FROM_BROWSERS = (b"origin", b"referer", b"sec-fetch-site")
PROXIED = b"x-holdpoint-proxy"
PROXIED_PATHS = "/_aws/execute-api/"


def refusal(scope):
    """Why the request is refused; None when it is not."""
    headers = [(name.lower(), value.strip()) for name, value in scope["headers"]]
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) != 1 or not OWN_HOST.fullmatch(hosts[0]):
        return "for the Host names localhost, *.localhost, 127.0.0.1 and [::1] only"
    if any(name == PROXIED for name, _ in headers):
        # Below localhost the name could select another service than the path does.
        to_api = scope["path"].startswith(PROXIED_PATHS) and b".localhost" not in hosts[0].lower()
        return None if to_api else "behind the proxy for the API only"
    for name, value in headers:
        if name in FROM_BROWSERS or (name == b"user-agent" and value.lower().startswith(b"mozilla/")):
            return "for programs, not for web pages"
    return None


def guarded(app):
    """Wraps an ASGI application."""

    async def guard(scope, receive, send):
        why = refusal(scope) if scope["type"] in ("http", "websocket") else None
        if not why:
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            # Closed before it was accepted, the handshake is answered with 403.
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": f"This local AWS is {why}.\n".encode()})

    return guard


class Unsaved(logging.Handler):
    """Collects what MiniStack could not load or write, at any time: it writes objects (S3) at once, and tables when it is stopped."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.faults = []

    def emit(self, record):
        text = record.getMessage()
        of_persistence = record.name == "persistence" and record.levelno >= logging.ERROR
        if of_persistence or text.lower().startswith(("failed to persist", "failed to restore persisted")):
            self.faults.append(text[:400])


def reporting(save_all, report, unsaved):
    """Wraps the function that saves all services. Without a report, nothing counts as saved."""

    def save_and_report(services):
        save_all(services)
        try:
            with open(report, "w") as file:
                json.dump({"faults": unsaved.faults[:20]}, file)
        except OSError as fault:
            logging.getLogger("holdpoint").error("the report on the saved data could not be written: %s", fault)

    return save_and_report


# A run asks with some thirty expressions.
EXPRESSIONS = 1000
# Each is a pure function: of the text of an expression, or of its tokens.
OF_TEXT = ("_tokenize", "_condition_syntax_error")
OF_TOKENS = ("_check_redundant_parens", "_check_reserved_keyword_usage")


def parsing_once(dynamodb):
    """Lets the parsers of MiniStack's DynamoDB remember what they found."""

    def remembered(parse):
        return functools.lru_cache(EXPRESSIONS)(parse)

    def of_tokens(parse):
        return lambda tokens, *slot: parse(tuple(tokens), *slot)

    # Whoever is given the tokens may not change what others are given.
    tokenize = dynamodb._tokenize
    dynamodb._tokenize = lambda expression: tuple(tokenize(expression))
    for name in OF_TEXT:
        setattr(dynamodb, name, remembered(getattr(dynamodb, name)))
    for name in OF_TOKENS:
        setattr(dynamodb, name, of_tokens(remembered(getattr(dynamodb, name))))


if __name__ == "__main__":
    import ministack.app
    import ministack.services.dynamodb

    unsaved = Unsaved()
    logging.getLogger().addHandler(unsaved)
    ministack.app.save_all = reporting(ministack.app.save_all, os.environ["HOLDPOINT_SAVE_REPORT"], unsaved)
    ministack.app.app = guarded(ministack.app.app)
    parsing_once(ministack.services.dynamodb)
    ministack.app.main()
