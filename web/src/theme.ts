// Runs before the first paint, so that a stored theme does not flash. Kept apart and tiny.
try {
  const stored = localStorage.getItem("reprise.theme");
  if (stored === "light" || stored === "dark") document.documentElement.setAttribute("data-theme", stored);
} catch {
  // Storage forbidden: the system's theme it is.
}
