// What the first screens need anyway. A screen that is fetched later imports this, so that all of it stays in one
// piece: in many small ones it compresses worse, and the first load is what people wait for.
import "./api/actions.ts";
import "./components/Dialog.tsx";
import "./components/ListParts.tsx";
import "./components/later.tsx";
import "./components/marks.tsx";
import "./components/overlay.tsx";
import "./components/toasts.tsx";
import "./components/parts.tsx";
import "./components/useRowKeys.ts";
import "./components/useTitle.ts";
import "./keys/useKeys.ts";
import "./lib/place.ts";
import "./lib/preferences.ts";
import "./lib/settings/places.ts";
import "./lib/target.ts";
import "./lib/visible.ts";
import "./lib/words.ts";
import "./state/useResource.ts";
