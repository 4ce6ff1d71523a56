// Shows times in the visitor's time zone. Pages are cached for everyone, so the server writes UTC.
for (const time of document.querySelectorAll("time[data-local-time]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.valueOf())) {
    const today = at.toDateString() === new Date().toDateString();
    const format = new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
      ...(!today && { day: "numeric", month: "short" }),
      hour: "numeric",
      minute: "2-digit",
    });
    time.textContent = format.format(at);
  }
}
