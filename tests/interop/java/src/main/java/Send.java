import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Sends COUNT spans and COUNT measurements of SERVICE to ENDPOINT with gzip; PROTOCOL is grpc or http. */
public final class Send {
    private static final Attributes CALL = Attributes.of(
        stringKey("http.request.method"), "GET", stringKey("http.route"), "/items/{id}",
        longKey("http.response.status_code"), 200L);

    public static void main(String[] arguments) {
        int count = Integer.parseInt(System.getenv("COUNT"));
        Resource resource = Resource.builder().put("service.name", System.getenv("SERVICE")).build();
        boolean sent = sendSpans(resource, count) & sendMeasurements(resource, count);
        System.exit(sent ? 0 : 1);
    }

    private static boolean isGrpc() {
        return System.getenv("PROTOCOL").equals("grpc");
    }

    private static SpanExporter spanExporter() {
        String endpoint = System.getenv("ENDPOINT");
        return isGrpc()
            ? OtlpGrpcSpanExporter.builder().setEndpoint(endpoint).setCompression("gzip").build()
            : OtlpHttpSpanExporter.builder().setEndpoint(endpoint + "/v1/traces").setCompression("gzip").build();
    }

    private static MetricExporter metricExporter() {
        String endpoint = System.getenv("ENDPOINT");
        return isGrpc()
            ? OtlpGrpcMetricExporter.builder().setEndpoint(endpoint).setCompression("gzip").build()
            : OtlpHttpMetricExporter.builder().setEndpoint(endpoint + "/v1/metrics").setCompression("gzip").build();
    }

    private static boolean sendSpans(Resource resource, int count) {
        var batches = BatchSpanProcessor.builder(spanExporter()).setMaxQueueSize(count + 1).build();
        try (var traces = SdkTracerProvider.builder().setResource(resource).addSpanProcessor(batches).build()) {
            var tracer = traces.get("interop");
            for (int i = 0; i < count; i++) {
                tracer.spanBuilder("GET /items/{id}").setSpanKind(SpanKind.SERVER).setAllAttributes(CALL).startSpan().end();
            }
            return traces.forceFlush().join(20, TimeUnit.SECONDS).isSuccess();
        }
    }

    private static boolean sendMeasurements(Resource resource, int count) {
        var reader = PeriodicMetricReader.builder(metricExporter()).setInterval(Duration.ofHours(1)).build();
        try (var meters = SdkMeterProvider.builder().setResource(resource).registerMetricReader(reader).build()) {
            var durations = meters.get("interop").histogramBuilder("http.server.request.duration").setUnit("s")
                .setExplicitBucketBoundariesAdvice(List.of(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0))
                .build();
            for (int i = 0; i < count; i++) {
                durations.record(0.02, CALL);
            }
            return meters.forceFlush().join(20, TimeUnit.SECONDS).isSuccess();
        }
    }
}
