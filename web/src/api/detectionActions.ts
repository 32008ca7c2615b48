import { backtest, detection, suppression } from "./detectionEndpoints.ts";
import type { Backtest, BacktestRequest, Detection, DetectionSettings, NewSuppression, Suppression } from "./detectionTypes.ts";
import { request } from "./client.ts";
import { change } from "./settingsActions.ts";
import type { Answer } from "./request.ts";
import { item } from "./shapes.ts";
import type { Item } from "./types.ts";

// What people change about detection, and what they try before. As in settingsActions.ts.

const segment = encodeURIComponent;

export function detectionPath(service: string): string {
  return `/services/${segment(service)}/detection`;
}

/** Replaces everything that is set for the service. */
export function saveDetection(service: string, version: number, settings: DetectionSettings): Promise<Answer<Item<Detection>>> {
  return change(detectionPath(service), { method: "PUT", body: { settings }, version, check: item(detection) }, detectionPath(service));
}

/** Changes nothing; takes as long as there are windows to read. */
export function runBacktest(wanted: BacktestRequest, signal: AbortSignal): Promise<Answer<Item<Backtest>>> {
  return request("/detection/backtest", { method: "POST", body: wanted, signal, check: item(backtest) });
}

export function addSuppression(wanted: NewSuppression): Promise<Answer<Item<Suppression>>> {
  return change("/suppressions", { method: "POST", body: wanted, check: item(suppression) }, "/suppressions");
}

export function liftSuppression(id: string): Promise<Answer<unknown>> {
  return change(`/suppressions/${segment(id)}`, { method: "DELETE" }, "/suppressions");
}
