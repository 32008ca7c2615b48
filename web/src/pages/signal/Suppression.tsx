import { useState } from "preact/hooks";
import type { JSX } from "preact";
import type { Signal } from "../../api/types.ts";
import { announce } from "../../components/toasts.tsx";
import { mayOperate } from "../../lib/words.ts";
import { urls } from "../../router/route.ts";
import { me } from "../../state/store.ts";
import type { SuppressDialog } from "./SuppressDialog.tsx";

/** Its dialog is fetched when somebody first asks for it. */
function Suppress(props: { signal: Signal; short: boolean }): JSX.Element {
  const [asking, setAsking] = useState<{ Ask: typeof SuppressDialog }>();
  const ask = (): void => void import("./SuppressDialog.tsx").then(
    (code) => setAsking({ Ask: code.SuppressDialog }),
    () => announce("This could not be fetched. The server is away, or runs another version since this page was opened."),
  );
  return (
    <>
      {props.short
        ? <button type="button" class="text-button tiny nowrap no-print" onClick={ask}>Suppress<span class="unseen"> signals like this</span></button>
        : <button type="button" class="button" onClick={ask}>Suppress signals like this</button>}
      {asking === undefined ? null : <asking.Ask signal={props.signal} onClose={() => setAsking(undefined)} />}
    </>
  );
}

/** Why it opened nothing, or the way to have the next ones open nothing. `short`: in a row among others. */
export function Suppression(props: { signal: Signal; short?: boolean }): JSX.Element | null {
  const { signal } = props;
  if (signal.suppressed_by !== undefined) return <a class="chip" href={`${urls.settings("suppressions")}?state=all&suppression=${encodeURIComponent(signal.suppressed_by)}`}>Suppressed, opened nothing</a>;
  return mayOperate(me.value?.roles ?? []) ? <Suppress signal={signal} short={props.short === true} /> : null;
}
