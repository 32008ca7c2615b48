# The server as a small image, with the synthetic agents of docs/synth.md beside it. Its steps are the
# commands that a developer runs.
#   docker build -t reprise .
#   docker run -p 127.0.0.1:4380:4380 -p 4317:4317 -p 4318:4318 -v reprise-data:/var/lib/reprise \
#     -e REPRISE_SERVER_PUBLIC_URL=http://127.0.0.1:4380 reprise
# The sign-in link is in `docker logs`. To let others in, put TLS in front and name its address instead.

FROM debian:bookworm-slim AS build
WORKDIR /src
COPY scripts/lib scripts/lib
RUN scripts/lib/install.sh build
COPY . .
RUN scripts/lib/build.sh && strip build/ci/server/app/reprise build/ci/server/synth/reprise-synth

FROM debian:bookworm-slim
COPY scripts/lib/install.sh /tmp/install.sh
RUN /tmp/install.sh run && rm -rf /tmp/install.sh /var/lib/apt/lists/* \
  && useradd --uid 10001 --home-dir /var/lib/reprise --create-home --shell /usr/sbin/nologin reprise
COPY --from=build /src/build/ci/server/app/reprise /src/build/ci/server/synth/reprise-synth /usr/local/bin/
USER reprise
WORKDIR /var/lib/reprise
VOLUME /var/lib/reprise
ENV REPRISE_SERVER_LISTEN=0.0.0.0:4380 \
    REPRISE_SERVER_DATA_DIR=/var/lib/reprise/data \
    REPRISE_INTAKE_OTLP_GRPC=0.0.0.0:4317 \
    REPRISE_INTAKE_OTLP_HTTP=0.0.0.0:4318
EXPOSE 4380 4317 4318
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:4380/healthz"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["reprise"]
CMD ["serve"]
