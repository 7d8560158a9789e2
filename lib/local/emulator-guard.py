"""Starts MiniStack behind a guard, so that no web page can reach it, and reports whether it saved its data when it was stopped.

MiniStack asks for no credentials and runs the code of the Lambda functions that it is given. A page of any site can send requests to
loopback addresses, so the guard answers 403 to what only browsers send, and to Host names by which a foreign page could claim the same
origin (DNS rebinding). The local pages reach the API through lib/local/proxy.ts, which marks what it forwards with a header: a page
cannot add that header without asking first (CORS preflight), and the guard refuses that question, too.

MiniStack logs the files that it could not write, and exits as if it had saved everything. The report says which they were.

MiniStack parses the condition of a query again for every item of the partition, and looks through all figures of CloudWatch with every one
that it is given. Together this took two thirds of its time in a run, and one processor does all its work, so both are done more quickly here.
It looks every ten seconds which schedules are due, and ten seconds are a day of the local stage; here it looks every second.

MiniStack starts a process for every asynchronous call at once. Lambda queues such calls, and so does this: after a night the first sweep asks
for a reconciliation of every run of the day before, and forty processes at once let the API answer nobody.
"""

import collections
import contextvars
import functools
import json
import logging
import operator
import os
import re
import threading
import time

# Browsers resolve names below localhost to loopback themselves, so no foreign name server can answer for them.
OWN_HOST = re.compile(rb"(?:localhost|[a-z0-9._-]+\.localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)
# Old browsers send no Sec-Fetch-Site, and send no Origin with a GET; every browser calls itself Mozilla.
FROM_BROWSERS = (b"origin", b"referer", b"sec-fetch-site")
PROXIED = b"x-holdpoint-proxy"
PROXIED_PATHS = "/_aws/execute-api/"
HOUR = 3600


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


# What Holdpoint asks a table for: one partition, and in it all, a span, a beginning or what is on one side of a sort key.
KEY_CONDITION = re.compile(
    r"(#?\w+) = (:\w+)(?: AND (?:(#?\w+) BETWEEN (:\w+) AND (:\w+)|begins_with\((#?\w+), (:\w+)\)|(#?\w+) ([<>]=?) (:\w+)))?"
)
SIDES = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def selects(condition, item, values, names):
    """Whether the item has the keys that the condition asks for; None for other conditions, and for keys that are not strings.

    DynamoDB orders strings by their UTF-8 bytes, and Python by code points, which is the same order.
    """
    form = parsed(condition)
    if not form:
        return None
    partition, wanted, between, low, high, beginning, prefix, side, sign, border = form.groups()

    def key(name):
        return item[names[name] if name.startswith("#") else name]["S"]

    def value(name):
        return values[name]["S"]

    try:
        if key(partition) != value(wanted):
            return False
        if between:
            return value(low) <= key(between) <= value(high)
        if beginning:
            return key(beginning).startswith(value(prefix))
        return SIDES[sign](key(side), value(border)) if side else True
    except (KeyError, TypeError):
        return None


@functools.lru_cache(1000)
def parsed(condition):
    return KEY_CONDITION.fullmatch(condition)


def quicker_queries(dynamodb):
    """Compares keys by `selects`. MiniStack has checked the condition before, and evaluates every other one itself."""
    evaluate = dynamodb._evaluate_condition

    def evaluate_condition(condition, item, values, names, slot="ConditionExpression"):
        found = selects(condition, item, values, names) if slot == "KeyConditionExpression" else None
        return found if found in (True, False) else evaluate(condition, item, values, names, slot)

    dynamodb._evaluate_condition = evaluate_condition


def rarer_evictions(cloudwatch):
    """Lets CloudWatch look for figures older than two weeks once an hour, and not with every figure that it is given."""
    evict = cloudwatch._evict_old_metrics
    looked = -HOUR

    def evict_old_metrics():
        nonlocal looked
        if time.monotonic() - looked >= HOUR:
            looked = time.monotonic()
            evict()

    cloudwatch._evict_old_metrics = evict_old_metrics


# More processes of one function than processors make nothing faster, and a function that waits for a server leaves a processor to others.
CALLS_AT_ONCE = 1 + (os.cpu_count() or 1)


def queued_asynchronous_calls(lambdas):
    """Carries out so many asynchronous calls of a function at once, and the others after them. Who waits for an answer is never queued."""
    places = collections.defaultdict(lambda: threading.BoundedSemaphore(CALLS_AT_ONCE))
    asynchronous = contextvars.ContextVar("asynchronous", default=None)
    invoke, execute = lambdas.invoke_async_with_retry, lambdas._execute_function

    # MiniStack makes the call in a thread of its own, in a copy of this context.
    def invoke_async_with_retry(func, event):
        name = (func.get("config") or func).get("FunctionName", "")
        contextvars.copy_context().run(lambda: (asynchronous.set(places[name]), invoke(func, event)))

    def execute_function(func, event):
        place = asynchronous.get()
        if not place:
            return execute(func, event)
        with place:
            return execute(func, event)

    lambdas.invoke_async_with_retry = invoke_async_with_retry
    lambdas._execute_function = execute_function


if __name__ == "__main__":
    import ministack.app
    import ministack.services.cloudwatch
    import ministack.services.dynamodb
    import ministack.services.lambda_svc
    import ministack.services.scheduler

    unsaved = Unsaved()
    logging.getLogger().addHandler(unsaved)
    ministack.app.save_all = reporting(ministack.app.save_all, os.environ["HOLDPOINT_SAVE_REPORT"], unsaved)
    ministack.app.app = guarded(ministack.app.app)
    quicker_queries(ministack.services.dynamodb)
    rarer_evictions(ministack.services.cloudwatch)
    queued_asynchronous_calls(ministack.services.lambda_svc)
    ministack.services.scheduler._SCHEDULE_TICK_INTERVAL = 1
    ministack.app.main()
