/** Waiting times between tries: doubling from 0.5 s to 30 s, each drawn anew from nothing to the full
 *  time, so that many browsers do not come back together. */
export class Backoff {
  private failures = 0;

  constructor(
    private readonly random: () => number,
    private readonly firstMs = 500,
    private readonly lastMs = 30_000,
  ) {}

  nextMs(): number {
    const full = Math.min(this.lastMs, this.firstMs * 2 ** Math.min(this.failures, 16));
    this.failures += 1;
    return Math.round(this.random() * full);
  }

  get tries(): number {
    return this.failures;
  }

  reset(): void {
    this.failures = 0;
  }
}
