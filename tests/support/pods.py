"""Simulated pods as tests need them."""

from flaskr.pod import Pod

MESSENGERS = ("WEBEX_", "SMTP_")


class QuietPod(Pod):
    """A pod whose Webex and mail server portals know nothing of.

    What they would tell in the background is in the way of tests that count requests and threads.
    """

    @property
    def settings(self) -> dict[str, str]:
        """Return the settings of a portal, without those of what messages go out by."""
        found = super().settings
        return {name: value for name, value in found.items() if not name.startswith(MESSENGERS)}


def senders_of(pod: Pod) -> dict[str, str]:
    """Return the settings of a portal that sends people what it is asked to, and tells no room."""
    settings = Pod.settings.__get__(pod)
    names = [name for name in settings if name.startswith(MESSENGERS)]
    return {name: settings[name] for name in names if name != "WEBEX_ROOM_ID"}
