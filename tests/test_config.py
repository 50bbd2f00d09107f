"""The three files together: what they make, what is wrong with them, what is worth a warning."""

from dataclasses import replace

import pytest
from dialctl.config import load
from dialctl.errors import ConfigError
from dialctl.settings import App, FreeSwitch, NumberRoute, Routes, Settings, UserRoute, Web

APPS = "apps: [{name: a, answer_url: 'http://a/'}]\n"
ROUTES = "numbers: [{prefix: '', endpoints: ['sofia/gateway/a/{number}']}]\n"
SECRET = "s3cret"


@pytest.fixture
def conf(tmp_path):
    """Writes the files that are not None, none of them for others to read; gives the folder."""

    def write(dialctl="", apps=APPS, routes=ROUTES, mode=0o640):
        for name, text in (("dialctl", dialctl), ("apps", apps), ("routes", routes)):
            if text is not None:
                path = tmp_path / f"{name}.yaml"
                path.write_text(text)
                path.chmod(mode)
        return tmp_path

    return write


def faults(directory):
    with pytest.raises(ConfigError) as error:
        load(directory)
    return str(error.value).replace(f"{directory}/", "").split("\n")


def warnings(directory):
    return [text.replace(f"{directory}/", "") for text in load(directory).warnings]


# --- what the files make ---


def test_what_is_set_wins_over_the_defaults(conf):
    directory = conf(
        dialctl="listen: '[::1]:9000'\nweb: {listen: ''}\nhttp: {retry_on: [all], retries: 0}\n",
        apps="""
apps:
  - {name: shop, match: 1555, answer_url: 'https://shop/a', answer_method: GET, auth_id: MA1}
  - {name: bank, match: ['^49', 0049*], answer_url: 'https://bank/a', hangup_url: 'http://bank/h'}
""",
    )
    settings = load(directory).settings
    assert settings.listen == "[::1]:9000"
    assert settings.web == Web(listen="")
    assert settings.http.retry_on == ("all",)
    assert settings.http.retries == 0
    assert settings.apps == (
        App("shop", "https://shop/a", ("1555",), answer_method="GET", auth_id="MA1"),
        App("bank", "https://bank/a", ("^49", "0049*"), hangup_url="http://bank/h"),
    )


def test_routes_come_longest_prefix_first_and_the_exact_domain_before_the_star(conf):
    directory = conf(
        routes="""
numbers:
  - {prefix: "", endpoints: ["sofia/gateway/rest/{number}"]}
  - {prefix: 49, endpoints: ["sofia/gateway/de/{number}"]}
  - {prefix: "+49 30", endpoints: ["sofia/gateway/b/{number}", "sofia/gateway/de/{number}"]}
  - {prefix: 1, endpoints: ["sofia/gateway/us/{number}"]}
users:
  - {domain: "*", endpoints: ["user/{user}@{domain}"]}
  - {domain: PBX.example.com:5080, endpoints: ["sofia/internal/{user}@{domain}"]}
trunks: {Twilio: ["sofia/gateway/twilio/{number}"]}
clients: ["user/{name}@example.com"]
"""
    )
    assert load(directory).settings.routes == Routes(
        numbers=(
            NumberRoute("4930", ("sofia/gateway/b/{number}", "sofia/gateway/de/{number}")),
            NumberRoute("49", ("sofia/gateway/de/{number}",)),
            NumberRoute("1", ("sofia/gateway/us/{number}",)),
            NumberRoute("", ("sofia/gateway/rest/{number}",)),
        ),
        users=(
            UserRoute("pbx.example.com:5080", ("sofia/internal/{user}@{domain}",)),
            UserRoute("*", ("user/{user}@{domain}",)),
        ),
        trunks=(("Twilio", ("sofia/gateway/twilio/{number}",)),),
        clients=("user/{name}@example.com",),
    )


def test_the_password_of_freeswitchs_event_socket_may_stand_in_a_file(conf):
    directory = conf("freeswitch: {event_socket: '127.0.0.1:8021', password_file: clue}\n")
    (directory / "clue").write_text("ClueCon\n")
    (directory / "clue").chmod(0o600)
    assert load(directory).settings.freeswitch == FreeSwitch("127.0.0.1:8021", "ClueCon", "clue")
    (directory / "clue").unlink()
    assert faults(directory) == [
        "dialctl.yaml:1: freeswitch.password_file: clue: no such file; create it"
    ]


# --- what is wrong, all of it at once ---


def test_all_faults_of_all_files_in_the_order_of_files_and_lines(conf):
    directory = conf(
        dialctl="limits:\n  calls: -1\nlisen: x\nweb: {listen: '127.0.0.1:99999'}\n",
        apps="apps:\n- name: a\n  answer_url: ftp://a/\n- name: b\n",
        routes="users:\n- {domain: x, endpoints: ['user/{name}']}\n",
    )
    assert [fault.split(": ")[:2] for fault in faults(directory)] == [
        ["dialctl.yaml:2", "limits.calls"],
        ["dialctl.yaml:3", "lisen"],
        ["dialctl.yaml:4", "web.listen"],
        ["apps.yaml:3", "apps[0].answer_url"],
        ["apps.yaml:4", "apps[1].answer_url"],
        ["routes.yaml:2", "users[0].endpoints[0]"],
    ]


def test_a_fault_says_what_was_expected_what_was_found_and_what_to_do(conf):
    assert faults(conf("\nlimits: {calls: lots}\n")) == [
        "dialctl.yaml:2: limits.calls: expected a whole number of 1 or more, found 'lots';"
        " write it in plain digits, without quotes and leading zeros"
    ]


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"dialctl": "a: [1\n"}, "dialctl.yaml:1: not YAML: a [ is opened here"),
        ({"dialctl": "allow: []\n"}, "dialctl.yaml:1: allow: expected at least one value"),
        (
            {"dialctl": "dialects: {rcml: {confirm_timeout: 1}}\n"},
            "dialctl.yaml:1: dialects.rcml.confirm_timeout: unknown key",
        ),
        (
            {"dialctl": f"freeswitch:\n  password: {SECRET}\n  password_file: x\n"},
            "dialctl.yaml:3: freeswitch.password_file: freeswitch.password is given as well",
        ),
        (
            {"dialctl": f"outbox:\n  url: redis://:{SECRET}@host/0\n"},
            "dialctl.yaml:2: outbox.url: redis is not built yet; use sqlite:///",
        ),
        ({"apps": None}, "apps.yaml: no such file; no call can be served without an app"),
        ({"apps": "apps:\n"}, "apps.yaml:1: apps: there is none; no call can be served"),
        ({"apps": "app: []\n"}, "apps.yaml:1: app: unknown key; did you mean apps?"),
        (
            {"apps": "apps:\n- {name: a, answer_url: 'http://a/', dialect: plovi}\n"},
            "apps.yaml:2: apps[0].dialect: expected plivo, rcml, callapi or voicegateway,"
            " found 'plovi'; write plivo",
        ),
        (
            {"apps": "apps:\n- {name: a, answer_url: 'http://a/', match: '('}\n"},
            "apps.yaml:2: apps[0].match: expected a pattern",
        ),
        (
            {
                "apps": "apps: [{name: a, answer_url: 'http://a/'},\n{name: a, answer_url: http://b}]"
            },
            "apps.yaml:2: apps[1].name: 'a' is also apps[0].name on line 1",
        ),
        ({"routes": None}, "routes.yaml: no such file; nobody can be dialled without a route"),
        (
            {"routes": ROUTES + "users:\n- {domain: X, endpoints: [a]}\n"},
            "routes.yaml:3: users[0].endpoints[0]: expected an endpoint with {user}, found 'a'",
        ),
    ],
)
def test_one_fault(conf, files, fault):
    (found,) = faults(conf(**files))
    assert found.startswith(fault)


def test_a_directory_that_is_none(tmp_path):
    missing = tmp_path / "none"
    with pytest.raises(ConfigError, match="none: no such directory; name the one"):
        load(missing)


def test_a_file_that_cannot_be_read(conf):
    directory = conf(apps=None)
    (directory / "apps.yaml").mkdir()
    assert faults(directory) == [
        "apps.yaml: cannot be read (Is a directory); make it a file that dialctl's user may read"
    ]


@pytest.mark.parametrize(
    ("files", "key"),
    [
        ({"apps": APPS.replace("}", ", auth_token: 12345}")}, "apps[0].auth_token"),
        ({"apps": APPS.replace("}", ", auth_token: [12345]}")}, "apps[0].auth_token"),
        ({"apps": APPS.replace("}", ', auth_token: "12345\\n"}')}, "apps[0].auth_token"),
        ({"dialctl": "freeswitch: {password: 12345}"}, "freeswitch.password"),
        ({"dialctl": "freeswitch: {password: !x 12345}"}, "freeswitch.password"),
    ],
)
def test_a_bad_secret_is_not_quoted(conf, files, key):
    (fault,) = faults(conf(**files))
    assert f" {key}: expected a text" in fault
    assert "12345" not in fault


def test_secrets_do_not_show_in_what_was_loaded(conf):
    loaded = load(
        conf(
            dialctl=f"freeswitch: {{password: {SECRET}}}\n",
            apps=APPS.replace("}", f", auth_token: {SECRET}}}"),
        )
    )
    assert loaded.settings.freeswitch.password == SECRET
    assert loaded.settings.apps[0].auth_token == SECRET
    assert SECRET not in repr(loaded)


# --- warnings ---


def test_without_a_dialctl_yaml_the_defaults_hold(conf):
    directory = conf(dialctl=None)
    assert warnings(directory) == ["dialctl.yaml: no such file; every setting has its default"]
    assert replace(load(directory).settings, apps=(), routes=Routes()) == Settings()


def test_routes_that_lead_nowhere(conf):
    assert warnings(conf(routes="clients: []\n")) == [
        "routes.yaml:1: neither numbers nor users; every Dial of one will fail, add a route"
    ]


def test_an_app_that_no_number_reaches(conf):
    directory = conf(
        apps="""apps:
- {name: a, answer_url: 'http://a/', match: '1*'}
- {name: b, answer_url: 'http://b/', match: ['2*', '.*']}
- {name: c, answer_url: 'http://c/', match: '3*'}
- {name: d, answer_url: 'http://d/'}
"""
    )
    assert warnings(directory) == [
        f"apps.yaml:{line}: apps[{index}]: no number reaches it, apps[1] matches every call;"
        " put it further up, or name it in dialctl_app"
        for index, line in ((2, 4), (3, 5))
    ]


@pytest.mark.parametrize("web", ["{control: on}", "{view: on, token_file: t}"])
def test_workers_have_no_common_view_yet(conf, web):
    directory = conf(dialctl=f"workers: 2\nweb: {web}\n")
    (directory / "t").write_text("secret")
    assert "dialctl.yaml:1: workers: web.control and web.view know one worker's" in str(
        faults(directory)
    )


def test_transfers_are_nothing_to_plivo(conf):
    asks = APPS.replace("}", ", refer_url: 'http://b/'}")
    assert warnings(conf(apps=asks)) == [
        "apps.yaml:1: apps[0].refer_url: no effect: Plivo's language has no transfers"
    ]
    assert warnings(conf(apps=asks.replace("}", ", dialect: rcml}"))) == []


def test_recordings_at_an_address_that_nobody_can_reach(conf):
    listens = "web: {listen: '0.0.0.0:8190'}\n"
    assert warnings(conf(listens)) == [
        "dialctl.yaml:1: web.listen: 0.0.0.0:8190 is no address that a RecordUrl can name;"
        " set media.recordings_url"
    ]
    assert warnings(conf(listens + "media: {recordings_url: 'https://pbx.example/r'}\n")) == []


def test_secrets_in_files_that_others_may_read(conf):
    directory = conf(
        dialctl=f"freeswitch: {{password: {SECRET}}}\n",
        apps=APPS.replace("}", f", auth_token: {SECRET}}}"),
        mode=0o644,
    )
    assert warnings(directory) == [
        "dialctl.yaml:1: freeswitch.password: a secret in a file that everybody on this machine"
        " may read; chmod o-r dialctl.yaml",
        "apps.yaml:1: apps[0].auth_token: a secret in a file that everybody on this machine"
        " may read; chmod o-r apps.yaml",
    ]


def test_a_token_of_a_file_is_found_beside_apps_yaml(conf):
    directory = conf(apps=APPS.replace("}", ", auth_token_file: a.token}"))
    (directory / "a.token").write_text(f"{SECRET}\n")
    (directory / "a.token").chmod(0o600)
    assert load(directory).settings.apps[0].auth_token == SECRET
    (directory / "a.token").unlink()
    assert faults(directory) == [
        "apps.yaml:1: apps[0].auth_token_file: a.token: no such file; create it"
    ]


@pytest.mark.parametrize("listen", ["0.0.0.0:8190", "192.0.2.1:8190"])
def test_the_live_view_needs_a_token_where_others_can_reach_it(conf, listen):
    web = f"web: {{view: true, listen: '{listen}'"
    (fault,) = faults(conf(web + "}"))
    assert "web.view: names people" in fault
    directory = conf(web + ", token_file: token}")
    (directory / "token").write_text(SECRET)
    (directory / "token").chmod(0o640)
    assert load(directory).settings.web.token == SECRET
    assert load(conf("web: {view: true}")).settings.web.view
