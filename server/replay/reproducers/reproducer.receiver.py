import gzip
import http.server
import io
import random
import socket
import zlib

CALL_FIGURES = ("calls", "peak", "arrivals")
ARRIVALS_NS = 50_000_000
BODY_BYTES_MAX = 64 * 1024 * 1024
SERVER, CLIENT = 2, 3


def varint(data, at):
    value = shift = 0
    while at < len(data) and shift < 64:
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
        shift += 7
    raise ValueError("a number of the message is cut off")


def fields(data):
    """(number, integer or bytes) of a protobuf message."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = varint(data, at)
        else:
            size = {1: 8, 5: 4}.get(wire)
            if wire == 2:
                size, at = varint(data, at)
            if size is None or at + size > len(data):
                raise ValueError("a field of the message is cut off")
            value = data[at : at + size] if wire == 2 else int.from_bytes(data[at : at + size], "little")
            at += size
        yield key >> 3, value


def inside(data, number):
    return [value for known, value in fields(data) if known == number]


def spans_of_protobuf(data):
    """(trace, span, kind, start, end, attribute names) of an ExportTraceServiceRequest."""
    for resource in inside(data, 1):
        for scope in inside(resource, 2):
            for span in inside(scope, 2):
                one = {1: b"", 2: b"", 6: 0, 7: 0, 8: 0}
                one.update(fields(span))
                names = [key.decode("utf-8", "replace") for pair in inside(span, 9) for key in inside(pair, 1)]
                yield one[1].hex(), one[2].hex(), one[6], one[7], one[8], names


def spans_of_json(data):
    for resource in json.loads(data.decode("utf-8")).get("resourceSpans", []):
        for scope in resource.get("scopeSpans", []):
            for span in scope.get("spans", []):
                times = [int(span.get(name, 0)) for name in ("startTimeUnixNano", "endTimeUnixNano")]
                names = [pair.get("key") for pair in span.get("attributes", [])]
                yield (span["traceId"].lower(), span.get("spanId"), span.get("kind", 0), *times, names)


def most_in_flight(calls):
    """The most half-open intervals that overlap."""
    edges = sorted([(start, 1) for start, _ in calls] + [(max(end, start + 1), -1) for start, end in calls])
    under_way = most = 0
    for _, step in edges:
        under_way += step
        most = max(most, under_way)
    return most


def most_arrivals(calls):
    starts = sorted(start for start, _ in calls)
    first = most = 0
    for place, start in enumerate(starts):
        while start - starts[first] >= ARRIVALS_NS:
            first += 1
        most = max(most, place - first + 1)
    return most


class SpanReceiver:
    """Takes the spans that the service sends, as a collector would: OTLP over HTTP, protobuf or JSON."""

    def __init__(self, address):
        self.address = address
        self.spans = {}  # By trace id, then by span id, so that what is sent twice counts once.
        self.news = threading.Condition()

    def fresh_trace(self):
        return "%016x%016x" % (random.getrandbits(64) | 1, random.getrandbits(64) | 1)

    def take(self, found):
        with self.news:
            for trace, span, *rest in found:
                self.spans.setdefault(trace, {})[span] = rest
            self.news.notify_all()

    def finished(self, trace):
        """The service's own span ends last, so the calls under it are there, too."""
        return any(kind == SERVER for kind, *_ in self.spans.get(trace, {}).values())

    def wait(self, answers):
        traces = [answer.trace for answer in answers if answer is not None]
        with self.news:
            if not self.news.wait_for(lambda: all(map(self.finished, traces)), TIMEOUT_S):
                raise TargetUnreachable(
                    "nothing about the requests came to http://%s within %g s; the service must send its spans there: "
                    "OTEL_EXPORTER_OTLP_ENDPOINT, or name another address with REPRISE_OTLP" % (self.address, TIMEOUT_S)
                )

    def figures(self, trace):
        def is_call(kind, names):
            return kind == CLIENT or (kind != SERVER and ("db.system" in names or "db.system.name" in names))

        with self.news:
            known = list(self.spans.get(trace, {}).values())
        calls = [(start, end) for kind, start, end, names in known if is_call(kind, names)]
        return dict(zip(CALL_FIGURES, (len(calls), most_in_flight(calls), most_arrivals(calls))))

    def most(self, what, answers):
        return max((self.figures(answer.trace)[what] for answer in answers if answer is not None), default=None)

    def run(self, work):
        """The answers of `work`, once the service has said what it did for each."""
        host, _, port = self.address.rpartition(":")
        host = host.strip("[]")
        server_class = type("Server", (http.server.ThreadingHTTPServer,), {
            "address_family": socket.AF_INET6 if ":" in host else socket.AF_INET,
        })
        handler = type("Handler", (ExportHandler,), {"receiver": self})
        try:
            server = server_class((host, int(port)), handler)
        except (OSError, ValueError) as error:
            raise TargetUnreachable("cannot listen on %s for spans (REPRISE_OTLP): %s" % (self.address, error))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            answers = work()
            self.wait(answers)
            return answers
        finally:
            server.shutdown()
            server.server_close()


def checked(size):
    if not 0 <= size <= BODY_BYTES_MAX:
        raise ValueError("the request is too large")
    return size


class ExportHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver = None

    def log_message(self, *_):
        pass

    def chunks(self):
        while True:
            size = checked(int(self.rfile.readline(64).split(b";")[0], 16))
            yield self.rfile.read(size)
            self.rfile.readline(64)
            if size == 0:
                return

    def read_body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            parts, size = [], 0
            for part in self.chunks():
                size = checked(size + len(part))
                parts.append(part)
            body = b"".join(parts)
        else:
            body = self.rfile.read(checked(int(self.headers.get("Content-Length") or 0)))
        if self.headers.get("Content-Encoding", "") == "gzip":
            with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
                body = packed.read(BODY_BYTES_MAX)
        return body

    def do_POST(self):
        is_json = self.headers.get("Content-Type", "").startswith("application/json")
        status = 200
        try:
            body = self.read_body()
            if self.path.endswith("/v1/traces"):
                self.receiver.take(list((spans_of_json if is_json else spans_of_protobuf)(body)))
        except (ValueError, KeyError, TypeError, AttributeError, EOFError, OSError, zlib.error):
            status, self.close_connection = 400, True
        answer = b"{}" if is_json else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if is_json else "application/x-protobuf")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


OBSERVER = SpanReceiver(os.environ.get("REPRISE_OTLP") or DEFAULT_OTLP)


