#!/usr/bin/env python3
@@HEAD@@
#
# Run it with pytest, or alone:  python3 THIS_FILE
# It fails while the problem shows. It needs nothing but Python 3.7.
#   REPRISE_TARGET=http://host:port  sends the requests elsewhere
#   REPRISE_TIMEOUT=30               seconds for one answer
#   REPRISE_INSECURE=1               takes any certificate of an https target

import http.client
import json
import math
import os
import re
import ssl
import sys
import threading
import time
import urllib.parse

@@DATA@@
TARGET = urllib.parse.urlsplit(os.environ.get("REPRISE_TARGET") or DEFAULT_TARGET)
TIMEOUT_S = float(os.environ.get("REPRISE_TIMEOUT") or 30)
OBSERVER = None


class TargetUnreachable(Exception):
    """No connection: this says nothing about the problem."""


@@NEEDS@@class Answer:
    def __init__(self, status, headers, body, latency_ms, trace):
        self.status = status
        self.headers = headers
        self.body = body
        self.latency_ms = latency_ms
        self.trace = trace

    def header(self, name):
        for known, value in self.headers:
            if known.lower() == name.lower():
                return value.encode("latin-1")
        return b""


def connect():
    host, port = TARGET.hostname, TARGET.port
    if TARGET.scheme != "https":
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    else:
        context = ssl.create_default_context()
        if os.environ.get("REPRISE_INSECURE"):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
    try:
        connection.connect()
    except OSError as error:
        raise TargetUnreachable("%s cannot be reached: %s" % (TARGET.geturl(), error))
    return connection


def encoded(value):
    return urllib.parse.quote(value.encode("latin-1"), safe="")


def filled(text, fresh, encode=False):
    for marker, value in list(fresh.items()):
        text = text.replace(marker, encoded(value) if encode else value)
    return text


def filled_body(request, fresh):
    form = any(n.lower() == "content-type" and "x-www-form-urlencoded" in v for n, v in request["headers"])
    body = request["body"]
    for marker, value in list(fresh.items()):
        body = body.replace(marker.encode("latin-1"), (encoded(value) if form else value).encode("latin-1"))
    return body


def send(request, fresh, planned_s):
    """The answer; None when none came though the request was sent."""
    connection = connect()
    try:
        path = TARGET.path.rstrip("/") + filled(request["path"], fresh, encode=True)
        body = filled_body(request, fresh)
        connection.putrequest(request["method"], path, skip_accept_encoding=True)
        for name, value in request["headers"]:
            connection.putheader(name, filled(value, fresh).encode("latin-1"))
        connection.putheader("X-Replay", "reproducer")
        trace = OBSERVER.fresh_trace() if OBSERVER else None
        if trace:
            connection.putheader("traceparent", "00-%s-%s-01" % (trace, trace[16:]))
        if body or request["method"] in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        answer = connection.getresponse()
        content = answer.read()
        latency_ms = (time.monotonic() - planned_s) * 1000
        return Answer(answer.status, answer.getheaders(), content, latency_ms, trace)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def send_together(calls, fresh):
    """Sends every (request, seconds from now) and returns the answers in the same order."""
    answers = [None] * len(calls)
    failures = []
    gate = threading.Barrier(len(calls))
    begin = [0.0]

    def run(index, request, at_s):
        gate.wait()
        planned_s = begin[0] + at_s
        wait_s = planned_s - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)
        try:
            answers[index] = send(request, fresh, planned_s)
            learn(request, answers[index], fresh)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(i, call[0], call[1])) for i, call in enumerate(calls)]
    begin[0] = time.monotonic() + 0.02 + 0.0005 * len(calls)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return answers


def member(body, pointer):
    """What a JSON pointer leads to; None when it is not there."""
    try:
        value = json.loads(body.decode("utf-8"))
        for step in pointer.split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            value = value[int(step)] if isinstance(value, list) else value[step]
        return value
    except (ValueError, KeyError, IndexError, TypeError):
        return None


def carried(value, answer):
    if answer is None:
        return None
    found = None
    if value["part"] == "json":
        found = member(answer.body, value["name"])
        if found is not None and not isinstance(found, str):
            found = json.dumps(found)
        found = found.encode("utf-8").decode("latin-1") if found is not None else None
    elif value["part"] == "header":
        found = answer.header(value["name"]).decode("latin-1")
    elif value["part"] == "cookie":
        for name, text in answer.headers:
            if name.lower() == "set-cookie" and text.startswith(value["name"] + "="):
                found = text[len(value["name"]) + 1 :].split(";")[0]
                break
    else:
        parts = answer.body.decode("latin-1").split(value["name"], 1)
        found = re.match(r"[0-9A-Za-z._~+/=-]*", parts[1]).group(0) if len(parts) > 1 else None
    if found and value["piece"] is not None:
        pieces = [piece for piece in re.split(r"[/?&=#]", found) if piece]
        found = pieces[-1 - value["piece"]] if value["piece"] < len(pieces) else None
    if not found or re.search(r"[\r\n\0]", found):
        return None
    return found


def learn(request, answer, fresh):
    for value in VALUES:
        if REQUESTS[value["from"]] is request:
            found = carried(value, answer)
            if found is not None:
                fresh[value["marker"]] = found


def run():
    """Sends everything; the answers of the watched requests."""
    fresh = {value["marker"]: value["captured"] for value in VALUES}
    watched = []
    if PACING == "recorded":
        groups = [list(range(len(REQUESTS)))]
    else:
        last = max(request["group"] for request in REQUESTS)
        groups = [[i for i, r in enumerate(REQUESTS) if r["group"] == group] for group in range(last + 1)]
    for group in groups:
        places = [place for place in group for _ in range(REQUESTS[place]["copies"])]
        at_s = [REQUESTS[place]["at_s"] if PACING == "recorded" else 0.0 for place in places]
        answers = send_together([(REQUESTS[place], at) for place, at in zip(places, at_s)], fresh)
        watched += [answer for place, answer in zip(places, answers) if REQUESTS[place]["watched"]]
    return watched


def compare(left, how, right):
    if how == "==":
        return left == right
    if how == "!=":
        return left != right
    if how == "contains":
        return right in left
    if how == "matches":
        return re.search(right, left) is not None
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[how]


def compare_member(found, how, wanted):
    if how in ("==", "!="):
        same = type(found) == type(wanted) and found == wanted
        if isinstance(wanted, float):
            same = isinstance(found, (int, float)) and not isinstance(found, bool) and found == wanted
        return same if how == "==" else not same
    if isinstance(wanted, str):
        return isinstance(found, str) and compare(found, how, wanted)
    return isinstance(found, (int, float)) and not isinstance(found, bool) and compare(found, how, wanted)


def holds(term, answer):
    what, how, name, wanted = term
    if what in FIGURES:
        return True
    if answer is None:
        return False
    if what == "status":
        return compare(answer.status, how, wanted)
    if what == "latency":
        return compare(answer.latency_ms, how, wanted)
    if what == "body":
        return compare(answer.body, how, wanted)
    if what == "header":
        return compare(answer.header(name), how, wanted)
    return compare_member(member(answer.body, name), how, wanted)


FIGURES = ("p50", "p90", "p95", "p99", "failing", "unanswered", "calls", "peak", "arrivals")


def figure(what, answers):
    if what in ("calls", "peak", "arrivals"):
        return OBSERVER.most(what, answers)
    if what == "unanswered":
        return 100.0 * sum(answer is None for answer in answers) / len(answers)
    if what == "failing":
        bad = [a for a in answers if a is None or a.status >= 500 or a.status == 429]
        return 100.0 * len(bad) / len(answers)
    latencies = sorted(answer.latency_ms for answer in answers if answer is not None)
    if not latencies:
        return None
    return latencies[max(math.ceil(int(what[1:]) * len(latencies) / 100), 1) - 1]


def shows(answers):
    """Whether all terms hold: those about one answer of the same answer."""
    about_one = False
    for what, how, _, wanted in TERMS:
        if what not in FIGURES:
            about_one = True
            continue
        value = figure(what, answers)
        if value is None or not compare(value, how, wanted):
            return False
    return not about_one or any(all(holds(term, answer) for term in TERMS) for answer in answers)


def describe_one(answer):
    if answer is None:
        return "no answer"
    text = "%d in %.0f ms" % (answer.status, answer.latency_ms)
    if OBSERVER:
        text += " with %(calls)d calls, %(peak)d in flight, %(arrivals)d in 50 ms" % OBSERVER.figures(answer.trace)
    return text


def describe(answers):
    return ", ".join(describe_one(answer) for answer in answers[:20])


def test_the_problem_does_not_show():
    answers = OBSERVER.run(run) if OBSERVER else run()
    asked = any(what in ("failing", "unanswered") for what, _, _, _ in TERMS)
    found = shows(answers)
    if not found and not asked and any(answer is None for answer in answers):
        raise TargetUnreachable("an answer is missing, so nothing can be said: " + describe(answers))
    assert not found, "the problem shows (%s): %s" % (STILL, describe(answers))


if __name__ == "__main__":
    try:
        test_the_problem_does_not_show()
    except TargetUnreachable as nothing:
        print("nothing can be said: %s" % nothing)
        sys.exit(69)
    except AssertionError as shown:
        print(shown)
        sys.exit(1)
    print("the problem does not show (%s)" % STILL)
