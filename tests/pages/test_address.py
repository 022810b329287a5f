"""From which address a visitor came, with a proxy before the app and without."""

import pytest

from pages.hosting.address import address_of


@pytest.mark.parametrize(
    ("connected", "named", "expected"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("8.8.8.8", "9.9.9.9", "8.8.8.8"),  # a stranger cannot claim another address
        ("172.18.0.3", "9.9.9.9", "9.9.9.9"),
        ("172.18.0.3", "1.1.1.1, 9.9.9.9", "9.9.9.9"),  # the proxy adds the last one itself
        ("172.18.0.3", "", "172.18.0.3"),
        ("172.18.0.3", "nonsense", "172.18.0.3"),
        ("192.168.1.7", "", "192.168.1.7"),
        ("::ffff:8.8.8.8", "", "::ffff:8.8.8.8"),
        ("unix:", "9.9.9.9", "unix:"),
    ],
)
def test_the_proxy_is_believed_and_nobody_else(connected, named, expected):
    assert address_of(connected, {"X-Forwarded-For": named}) == expected
