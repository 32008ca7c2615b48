// Sends COUNT spans and COUNT measurements of SERVICE by the OpenTelemetry SDK for Go; PROTOCOL is grpc or http.
package main

import (
	"context"
	"log"
	"os"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Endpoint and compression come from the OTEL_EXPORTER_OTLP_* variables.
func exporters(ctx context.Context) (sdktrace.SpanExporter, sdkmetric.Exporter) {
	if os.Getenv("PROTOCOL") == "grpc" {
		return must(otlptracegrpc.New(ctx)), must(otlpmetricgrpc.New(ctx))
	}
	return must(otlptracehttp.New(ctx)), must(otlpmetrichttp.New(ctx))
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	count := must(strconv.Atoi(os.Getenv("COUNT")))
	named := resource.NewSchemaless(attribute.String("service.name", os.Getenv("SERVICE")))
	call := []attribute.KeyValue{
		attribute.String("http.request.method", "GET"), attribute.String("http.route", "/items/{id}"),
		attribute.Int("http.response.status_code", 200),
	}
	spans, points := exporters(ctx)

	traces := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(named))
	tracer := traces.Tracer("interop")
	for i := 0; i < count; i++ {
		_, span := tracer.Start(ctx, "GET /items/{id}", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(call...))
		span.End()
		if i%500 == 499 {
			check(traces.ForceFlush(ctx))
		}
	}
	check(traces.Shutdown(ctx))

	meters := sdkmetric.NewMeterProvider(
		sdkmetric.WithReader(sdkmetric.NewPeriodicReader(points, sdkmetric.WithInterval(time.Hour))), sdkmetric.WithResource(named),
	)
	durations := must(meters.Meter("interop").Float64Histogram("http.server.request.duration", metric.WithUnit("s"),
		metric.WithExplicitBucketBoundaries(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)))
	for i := 0; i < count; i++ {
		durations.Record(ctx, 0.02, metric.WithAttributes(call...))
	}
	check(meters.Shutdown(ctx))
}
