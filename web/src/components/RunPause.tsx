import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { pauseAllRuns, resumeAllRuns } from "../api/actions.ts";
import { paths } from "../api/endpoints.ts";
import type { RunPause } from "../api/overviewTypes.ts";
import { named } from "../lib/visible.ts";
import { mayOperate } from "../lib/words.ts";
import { me } from "../state/store.ts";
import { useResource } from "../state/useResource.ts";
import { ActionDialog } from "./ActionDialog.tsx";
import { Icon } from "./icons.tsx";
import { Time } from "./parts.tsx";
import { announce } from "./toasts.tsx";

const asked = signal<"none" | "pause" | "resume">("none");

/** The second step of the switch, from wherever it is asked for. */
export function askRunPause(what: "pause" | "resume"): void {
  asked.value = what;
}

function useRunPause(): RunPause | undefined {
  return useResource("overview", paths.overview)?.data?.run_pause;
}

/** Stops everything that reaches outside; stands where every screen has it. */
export function RunPauseButton(): JSX.Element | null {
  const pause = useRunPause();
  if (pause === undefined || !mayOperate(me.value?.roles ?? [])) return null;
  const verb = pause.paused ? "resume" : "pause";
  return <button type="button" class="text-button line" onClick={() => askRunPause(verb)}><Icon name={pause.paused ? "play" : "pause"} small />{pause.paused ? "Resume all runs" : "Pause all runs"}</button>;
}

/** Says on every screen why nothing goes on. */
export function RunPauseBanner(): JSX.Element | null {
  const pause = useRunPause();
  if (pause?.paused !== true) return null;
  return (
    <p class="banner banner-paused" role="status">
      <Icon name="pause" /><span><b>All runs are paused</b> since <Time at={pause.since} /> by {named(pause.paused_by ?? "")}: {"\u201c"}{named(pause.reason ?? "")}{"\u201d"}. Nothing is replayed, nothing is written outside.</span>
      {mayOperate(me.value?.roles ?? []) ? <button type="button" class="button button-small" onClick={() => askRunPause("resume")}>Resume</button> : null}
    </p>
  );
}

export function RunPauseDialog(): JSX.Element | null {
  const close = (): void => void (asked.value = "none");
  const done = (text: string) => (): void => {
    close();
    announce(text);
  };
  if (asked.value === "pause") {
    return (
      <ActionDialog title="Pause all runs" verb="Pause all runs" danger comment="required" commentLabel="Reason, required" commentMax={500}
        explain="What is being replayed or written stops at once and keeps what it has; nothing is begun until somebody resumes. Traffic is still taken in, problems are still found, and people can still decide."
        act={pauseAllRuns} onDone={done("All runs are paused.")} onClose={close} />
    );
  }
  if (asked.value === "resume") {
    return <ActionDialog title="Resume all runs" verb="Resume all runs" comment="optional" explain="What waited goes on where it was. An approval that was not carried out within its hour is asked for again." act={resumeAllRuns} onDone={done("Runs go on.")} onClose={close} />;
  }
  return null;
}
