/** Runs `stop` once at SIGTERM or SIGINT, then ends the process. */
export function onStop(stop) {
  let stopping = false;
  const once = async () => {
    if (stopping) return;
    stopping = true;
    await stop();
    process.exit(0);
  };
  process.on('SIGTERM', once);
  process.on('SIGINT', once);
}
