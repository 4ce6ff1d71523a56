// Writes times in the visitor's zone: pages are the same for everyone, so the server names universal time.
for (const time of document.querySelectorAll("time[data-local-time]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.valueOf())) {
    const day = at.toDateString() === new Date().toDateString() ? {} : { day: "numeric", month: "short" };
    const format = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { ...day, hour: "numeric", minute: "2-digit" });
    time.textContent = format.format(at);
  }
}
