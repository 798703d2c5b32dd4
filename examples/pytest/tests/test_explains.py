"""Of the fixtures themselves: a test that fails says what its world refused, and what mends it."""

FAILS = """
from reports import Reports

def test_writes(linarite):
    Reports().write("new.txt", "new")
"""


def test_a_failing_test_explains(pytester, pytestconfig, linarite_url, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(pytestconfig.rootpath))
    monkeypatch.setenv("LINARITE_URL", linarite_url)
    pytester.makeconftest('pytest_plugins = ["linarite"]')
    pytester.makepyfile(FAILS)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*refused by Linarite*", "Request * was refused: 403 AuthorizationPermissionMismatch", "*linarite grant machine/tutorial-vm *"])
