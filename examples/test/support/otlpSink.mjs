// Takes OTLP/HTTP exports and keeps their bodies, for tests that look at what a service sends.

import http from 'node:http';

export async function startSink() {
  const bodies = { '/v1/traces': [], '/v1/logs': [] };
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      bodies[request.url]?.push(Buffer.concat(chunks));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' });
      response.end();
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    /** What a service needs in its environment to send here. */
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_BSP_SCHEDULE_DELAY: '200',
    },
    /** Everything received on a path. Texts stand in protobuf messages as they are. */
    text: (path) => Buffer.concat(bodies[path]).toString('latin1'),
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
