// What runs inside the page that is measured. Each function is sent there as it is, so it knows nothing around it.

/** Notes when each new row of a list was painted: the frame after the one that inserted it, in Unix ms. */
export function watchRows(prefix) {
  const painted = {};
  window.rowsPainted = painted;
  const see = () => {
    const fresh = [...document.querySelectorAll(`main tbody a[href^="${prefix}"]`)]
      .map((link) => link.getAttribute('href')).filter((href) => !(href in painted));
    for (const href of fresh) painted[href] = 0;
    if (fresh.length === 0) return;
    // The first callback runs before that frame is painted, the second after it.
    requestAnimationFrame(() => requestAnimationFrame((at) => {
      for (const href of fresh) painted[href] = performance.timeOrigin + at;
    }));
  };
  see();
  new MutationObserver(see).observe(document.querySelector('main'), { childList: true, subtree: true });
}

/** The time between two frames, for as long as the page lives. */
export function watchFrames() {
  window.frameGaps = [];
  let before = performance.now();
  const tick = (now) => {
    window.frameGaps.push(now - before);
    before = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

/** How long each key or click took to be seen; what took less than 16 ms is not told by the browser. */
export function watchInteractions() {
  window.interactions = {};
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries()) {
      if (interactionId > 0) window.interactions[interactionId] = Math.max(window.interactions[interactionId] ?? 0, duration);
    }
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
}

/** From the navigation to the frame that shows what `selector` names. */
export function watchFirst(selector) {
  const see = () => {
    if (window.firstSeenMs !== undefined || document.querySelector(selector) === null) return;
    window.firstSeenMs = 0;
    requestAnimationFrame(() => setTimeout(() => { window.firstSeenMs = performance.now(); }, 0));
  };
  new MutationObserver(see).observe(document, { childList: true, subtree: true });
}
