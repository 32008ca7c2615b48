"""Sends COUNT spans and COUNT measurements of SERVICE by the OpenTelemetry SDK for Python; PROTOCOL is grpc or http.

Endpoint and compression come from the OTEL_EXPORTER_OTLP_* variables.
"""

import os
import sys

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

if os.environ["PROTOCOL"] == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
else:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

count = int(os.environ["COUNT"])
resource = Resource.create({"service.name": os.environ["SERVICE"]})
call = {"http.request.method": "GET", "http.route": "/items/{id}", "http.response.status_code": 200}

traces = TracerProvider(resource=resource)
traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), max_queue_size=count + 1))
tracer = traces.get_tracer("interop")
for _ in range(count):
    tracer.start_span("GET /items/{id}", kind=SpanKind.SERVER, attributes=call).end()
flushed = traces.force_flush(20_000)
traces.shutdown()

reader = PeriodicExportingMetricReader(OTLPMetricExporter(), export_interval_millis=3_600_000)
meters = MeterProvider(resource=resource, metric_readers=[reader])
durations = meters.get_meter("interop").create_histogram(
    "http.server.request.duration", unit="s",
    explicit_bucket_boundaries_advisory=[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
)
for _ in range(count):
    durations.record(0.02, call)
flushed = meters.force_flush(20_000) and flushed
meters.shutdown()

sys.exit(0 if flushed else 1)
