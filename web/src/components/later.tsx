import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import { Empty, Skeleton } from "./parts.tsx";

type Screen<P> = (props: P) => JSX.Element;

/** A screen whose code is fetched when somebody first goes there. */
export function later<P extends object>(bring: () => Promise<Screen<P>>): Screen<P> {
  let brought: Screen<P> | undefined;
  return function Later(props: P): JSX.Element {
    const [failed, setFailed] = useState(false);
    const [, setBrought] = useState(false);
    useEffect(() => {
      if (brought !== undefined) return;
      let gone = false;
      bring().then((screen) => {
        brought = screen;
        if (!gone) setBrought(true);
      }, () => {
        if (!gone) setFailed(true);
      });
      return () => {
        gone = true;
      };
    }, []);
    if (brought !== undefined) {
      const Brought = brought;
      return <Brought {...props} />;
    }
    return (
      <div class="page"><div class="card">
        {failed ? <Empty title="This page could not be fetched." action={<button type="button" class="button" onClick={() => location.reload()}>Load again</button>}><p>The server is away, or runs another version since this page was opened.</p></Empty> : <Skeleton lines={10} />}
      </div></div>
    );
  };
}
