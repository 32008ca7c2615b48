import type { JSX } from "preact";
import type { Overview } from "../api/types.ts";
import { clockMinutes, count } from "../lib/format.ts";

const heightPx = 96;

/** Records per window as bars, the failing part solid at the foot. Plain SVG: it stands on the first screen. */
export function TrafficChart(props: { traffic: Overview["traffic"] }): JSX.Element {
  const { traffic } = props;
  const most = traffic.reduce((high, point) => Math.max(high, point.records), 1);
  const records = traffic.reduce((sum, point) => sum + point.records, 0);
  const failing = traffic.reduce((sum, point) => sum + point.failing, 0);
  const wide = 100 / Math.max(1, traffic.length);
  const first = traffic[0];
  const last = traffic[traffic.length - 1];
  return (
    <div class="card-body">
      <svg class="traffic" width="100%" height={heightPx} viewBox={`0 0 100 ${heightPx}`} preserveAspectRatio="none" role="img"
        aria-label={`${count(records)} records in ${traffic.length} windows, ${count(failing)} of them failing; at most ${count(most)} in one window`}>
        {traffic.map((point, i) => {
          const high = (point.records / most) * (heightPx - 4);
          const bad = (point.failing / most) * (heightPx - 4);
          return (
            <g>
              <rect class="traffic-all" x={i * wide + wide * 0.12} width={wide * 0.76} y={heightPx - high} height={high} />
              {bad > 0 ? <rect class="traffic-bad" x={i * wide + wide * 0.12} width={wide * 0.76} y={heightPx - Math.max(1.5, bad)} height={Math.max(1.5, bad)} /> : null}
            </g>
          );
        })}
      </svg>
      <p class="line tiny quiet"><span class="grow">{first === undefined ? "" : clockMinutes(Date.parse(first.at))}</span><span>{last === undefined ? "" : clockMinutes(Date.parse(last.at))}</span></p>
      <div class="legend">
        <span><i class="swatch swatch-records" />records per window, at most {count(most)}</span>
        <span><i class="swatch swatch-failing" />failing, {count(failing)} of {count(records)}</span>
      </div>
      <details class="chart-table">
        <summary class="link">Show as table</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label="Traffic as a table">
          <table class="table table-tight">
            <thead><tr><th>Window</th><th class="right">Records</th><th class="right">Failing</th></tr></thead>
            <tbody>{traffic.slice(-60).map((point) => <tr><td>{clockMinutes(Date.parse(point.at))}</td><td class="right">{count(point.records)}</td><td class="right">{count(point.failing)}</td></tr>)}</tbody>
          </table>
        </div>
      </details>
    </div>
  );
}
