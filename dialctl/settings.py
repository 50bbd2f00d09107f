"""What the operator may set: frozen values with their defaults. ``config`` reads them from files.

Durations are seconds. Names are those of conf/*.yaml, where each is explained.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Log:
    level: str = "info"  # debug, info, warning, error
    format: str = "text"  # text or json


@dataclass(frozen=True, slots=True)
class Limits:
    calls: int = 4000
    calls_per_second: int = 200
    document_bytes: int = 102400
    redirects: int = 50


@dataclass(frozen=True, slots=True)
class DialectLimits:
    """A dialect's defaults. ``raw_dial_strings`` and ``confirm_timeout`` are Plivo's alone."""

    ring_timeout: int = 120
    confirm_timeout: int = 120
    targets: int = 20
    raw_dial_strings: bool = False


@dataclass(frozen=True, slots=True)
class Dialects:
    plivo: DialectLimits = DialectLimits(120, 120, 20, False)
    rcml: DialectLimits = DialectLimits(30, 120, 20, False)
    callapi: DialectLimits = DialectLimits(30, 120, 20, False)
    voicegateway: DialectLimits = DialectLimits(60, 120, 10, False)


@dataclass(frozen=True, slots=True)
class Egress:
    deny: tuple[str, ...] = ()  # "private" or networks such as 10.0.0.0/8


@dataclass(frozen=True, slots=True)
class Http:
    """Requests we make. A URL's own fragment (``#ct=..&rt=..``) overrides these."""

    connect_timeout: float = 2.0
    read_timeout: float = 15.0
    total_timeout: float = 55.0
    retries: int = 1
    retry_on: tuple[str, ...] = ("ct", "rt")  # 4xx, 5xx, ct, rt, all
    egress: Egress = Egress()


@dataclass(frozen=True, slots=True)
class Outbox:
    url: str = "sqlite:///"
    give_up_after: float = 86400.0
    claim_after: float = 30.0


@dataclass(frozen=True, slots=True)
class FreeSwitch:
    event_socket: str = ""
    password: str = field(default="", repr=False)
    password_file: str = ""
    context: str = "public"  # of the dialplan, which has freeswitch/dialctl.xml


@dataclass(frozen=True, slots=True)
class Speech:
    engine: str = "flite"
    voice: str = "kal"


@dataclass(frozen=True, slots=True)
class Media:
    cache_dir: str = ""
    recordings_dir: str = ""
    recordings_url: str = ""


@dataclass(frozen=True, slots=True)
class Modules:
    media_fork: str = ""
    transcription: str = ""
    machine_detection: str = "avmd"  # "" turns machine detection off


@dataclass(frozen=True, slots=True)
class MachineDetection:
    """When a callee is taken for an answering machine: an estimate, by what is heard."""

    greeting: float = 2.4  # a longer one is a machine's
    silence: float = 1.2  # that ends a greeting
    initial_silence: float = 5.0  # that nobody answers with
    level: int = 200  # loudness on FreeSWITCH's scale; what is below it is silence


@dataclass(frozen=True, slots=True)
class Web:
    listen: str = "127.0.0.1:8190"
    token_file: str = ""
    token: str = field(default="", repr=False)  # where ``config`` read it from token_file
    control: bool = False
    view: bool = False


@dataclass(frozen=True, slots=True)
class Records:
    """Of calls that are over."""

    file: str = ""
    keep: float = 2592000.0
    most: int = 100000


@dataclass(frozen=True, slots=True)
class App:
    """One entry of apps.yaml: whose calls, which language, which web application."""

    name: str
    answer_url: str
    match: tuple[str, ...] = ()  # patterns of the called number; none matches every call
    dialect: str = "plivo"
    answer_method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    hangup_url: str = ""
    hangup_method: str = "POST"
    refer_url: str = ""
    answer_delay: bool = False
    call_out: tuple[str, ...] = ()  # patterns of whom the control API may call for it; none: nobody
    auth_id: str = ""
    auth_token: str = field(default="", repr=False)
    auth_token_file: str = ""  # where ``config`` read auth_token from


@dataclass(frozen=True, slots=True)
class NumberRoute:
    prefix: str  # digits without +; "" serves every number
    endpoints: tuple[str, ...]  # dial strings with {number}


@dataclass(frozen=True, slots=True)
class UserRoute:
    domain: str  # host or host:port; "*" serves every domain
    endpoints: tuple[str, ...]  # dial strings with {user} and {domain}


@dataclass(frozen=True, slots=True)
class Routes:
    numbers: tuple[NumberRoute, ...] = ()  # longest prefix first
    users: tuple[UserRoute, ...] = ()  # "*" last
    trunks: tuple[tuple[str, tuple[str, ...]], ...] = ()
    clients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    listen: str = "127.0.0.1:8084"
    allow: tuple[str, ...] = ("127.0.0.0/8",)
    workers: int = 1
    state_dir: str = "/var/lib/dialctl"
    platform_name: str = "Plivo"
    billing_increment: int = 60
    stop_grace: float = 30.0
    log: Log = Log()
    limits: Limits = Limits()
    dialects: Dialects = Dialects()
    http: Http = Http()
    outbox: Outbox = Outbox()
    freeswitch: FreeSwitch = FreeSwitch()
    speech: Speech = Speech()
    media: Media = Media()
    modules: Modules = Modules()
    machine_detection: MachineDetection = MachineDetection()
    web: Web = Web()
    records: Records = Records()
    apps: tuple[App, ...] = ()
    routes: Routes = Routes()
