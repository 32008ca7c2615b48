import { render } from "preact";
import { findMe } from "./api/actions.ts";
import { App } from "./App.tsx";
import { wireKeys } from "./keys/keys.ts";
import { startClock } from "./lib/clock.ts";
import { wireLive } from "./live/liveWiring.ts";
import { takePlace } from "./lib/place.ts";
import { wirePlainText } from "./lib/plainText.ts";
import { wirePrinting } from "./lib/printing.ts";
import { go, wireRouter } from "./router/router.ts";
import { parseLoginHash } from "./router/route.ts";
import { dispatch } from "./state/store.ts";
import "./styles/all.css";

async function start(): Promise<void> {
  wirePlainText();
  wireRouter();
  wireKeys();
  startClock();
  wirePrinting();
  wireLive();
  const root = document.getElementById("root");
  if (root !== null) render(<App />, root);
  // A sign-in link decides by itself who is signed in.
  if (parseLoginHash(location.hash) !== undefined) {
    dispatch({ type: "signed_out" });
    return;
  }
  const answer = await findMe();
  if (answer.ok) {
    const place = takePlace();
    if (place !== undefined) go(place, true);
    return;
  }
  const { problem } = answer;
  dispatch(problem.status === 401 ? { type: "signed_out" } : { type: "signed_out", problem });
}

void start();
