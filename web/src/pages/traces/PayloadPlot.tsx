import type { JSX } from "preact";
import { paths } from "../../api/endpoints.ts";
import type { TracePattern } from "../../api/traceTypes.ts";
import { Loaded } from "../../components/parts.tsx";
import { plural, short } from "../../lib/format.ts";
import { plotPayload } from "../../lib/trace/payloadPlot.ts";
import { ns } from "../../lib/trace/words.ts";
import { useResource } from "../../state/useResource.ts";

const heightPx = 120;

/** Each retrieval as a point, payload to the right, time to answer upwards, and the fitted line. */
export function PayloadPlot(props: { row: TracePattern }): JSX.Element {
  const { row } = props;
  const resource = useResource("traces", paths.traces({ service: row.service, pattern: row.pattern, limit: "200" }));
  return (
    <Loaded resource={resource} lines={3}>
      {(data) => {
        const plot = plotPayload(data.items.filter((each) => (each.agent ?? "") === row.agent), row.report.payload_line);
        if (plot.points.length === 0) return null;
        const x = (share: number): string => `${1 + share * 98}%`;
        const y = (share: number): number => heightPx - 4 - share * (heightPx - 8);
        return (
          <figure class="payload-plot">
            <svg width="100%" height={heightPx} role="img" aria-label={`${plural(plot.points.length, "retrieval")}: up to ${short(plot.kbMax)} KB, answers take up to ${ns(plot.nsMax)}`} focusable="false">
              <line class="payload-axis" x1={x(0)} x2={x(0)} y1={y(0)} y2={y(1)} />
              <line class="payload-axis" x1={x(0)} x2={x(1)} y1={y(0)} y2={y(0)} />
              {plot.line === undefined ? null : <line class="payload-line" x1={x(plot.line.x1)} y1={y(plot.line.y1)} x2={x(plot.line.x2)} y2={y(plot.line.y2)} />}
              {plot.points.map((point) => <circle class="payload-point" cx={x(point.x)} cy={y(point.y)} r="2.5" />)}
            </svg>
            <figcaption class="line tiny quiet"><span class="grow">0 to {ns(plot.nsMax)} upwards</span><span>0 to {short(plot.kbMax)} KB</span></figcaption>
          </figure>
        );
      }}
    </Loaded>
  );
}
