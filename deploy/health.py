"""`python deploy/health.py [PORT]`: exit status 0 if the app of this machine answers; for a container's HEALTHCHECK.

The app answers to the hosts of EQUISCOPE_HOSTS only, so the question names the first of them.
"""

import http.client
import os
import sys
from collections.abc import Mapping

ADDRESS = "/_stcore/health"
PATIENCE = 5  # seconds


def allowed_host(environment: Mapping[str, str] = os.environ) -> str:
    """A host that the app answers to: the first of EQUISCOPE_HOSTS, with a name in place of its `*`."""
    first = next(filter(None, map(str.strip, environment.get("EQUISCOPE_HOSTS", "").split(","))), "localhost")
    return first.replace("*", "health")


def is_healthy(port: int = 8501, host: str | None = None) -> bool:
    """Whether the app on this port answers that it is well. host: what the request names; by default an allowed one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", ADDRESS, headers={"Host": host or allowed_host()})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not (is_healthy(int(sys.argv[1])) if sys.argv[1:] else is_healthy()))
