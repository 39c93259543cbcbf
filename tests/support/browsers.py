"""What the tests in a real browser share: how it is started, and what is looked at on a page."""

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)
KEY = "s3cret"
# Says on the console what the page's Content-Security-Policy has stopped.
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`stopped by ${event.effectiveDirective}: ${event.blockedURI}`));
"""
# What Chromium itself says of an answer with an error status; the tests look at those answers.
ERROR_STATUS = "Failed to load resource: the server responded with a status of "
SCROLLS_SIDEWAYS = """
() => [document.documentElement, ...document.querySelectorAll("body *")]
  .filter((element) => !element.closest("pre, code") && element.clientWidth
    && element.scrollWidth > element.clientWidth + 1
    && (element === document.documentElement
      || ["auto", "scroll"].includes(getComputedStyle(element).overflowX)))
  .map((element) => element.outerHTML.slice(0, 100))
"""
# How bright the page is, from 0 to 1, and the texts whose contrast is below that of WCAG 2.1,
# 1.4.3: 4.5, or 3 where the text is large.
CONTRASTS = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const backgrounds = (element) => element
    ? [...backgrounds(element.parentElement), getComputedStyle(element).backgroundColor] : ["#fff"];
  const paint = (colors) => {
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) =>
      value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (element) => {
    const below = backgrounds(element);
    const lights = [paint(below), paint([...below, getComputedStyle(element).color])];
    return (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
  };
  const enough = (style) => {
    const size = parseFloat(style.fontSize);
    return size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
  };
  const texts = [...document.querySelectorAll("body *")].filter((element) =>
    element.checkVisibility() && [...element.childNodes].some((node) =>
      node.nodeType === Node.TEXT_NODE && node.textContent.trim()));
  return [paint(backgrounds(document.body)), texts
    .filter((text) => contrast(text) < enough(getComputedStyle(text)))
    .map((text) => `${contrast(text)} ${text.className} ${text.textContent.slice(0, 40)}`)];
}
"""


class Watch:
    """What a page said on its console, and whom it asked for something."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        self.hosts: set[str | None] = set()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(ERROR_STATUS):
            self.errors.append(message.text)
