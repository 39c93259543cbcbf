"""A simulated pod: Cisco Meeting Server, CUCM User Data Services, Unity Connection, Webex, mail.

    with Pod() as pod:
        print(pod.cms_url, pod.settings)

Everything is in memory and made up; importing the package starts nothing.
"""

from flaskr.pod.checks import BadInput
from flaskr.pod.pod import Pod
from flaskr.pod.wire.server import PortUnavailable

__all__ = ["BadInput", "Pod", "PortUnavailable"]
