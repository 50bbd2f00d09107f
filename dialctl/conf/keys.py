"""Every key of conf/*.yaml and what it may hold; types and defaults are those of ``settings``."""

from collections.abc import Mapping
from dataclasses import fields

from dialctl.conf import rules
from dialctl.conf.rules import Rule, at_least, choice, endpoint, optional, some
from dialctl.settings import Dialects

DIALECTS = tuple(entry.name for entry in fields(Dialects))

_POSITIVE = at_least(1)

DIALCTL: Mapping[str, Rule] = {
    "listen": rules.LISTEN,
    "allow": some(rules.NETWORK),
    "workers": _POSITIVE,
    "state_dir": rules.FOLDER,
    "platform_name": rules.TEXT,
    "billing_increment": _POSITIVE,
    "stop_grace": rules.GRACE,
    "log.level": choice("debug", "info", "warning", "error"),
    "log.format": choice("text", "json"),
    "limits.calls": _POSITIVE,
    "limits.calls_per_second": _POSITIVE,
    "limits.document_bytes": _POSITIVE,
    "limits.redirects": at_least(0),
    "dialects.plivo.ring_timeout": _POSITIVE,
    "dialects.plivo.confirm_timeout": _POSITIVE,
    "dialects.plivo.targets": _POSITIVE,
    "dialects.plivo.raw_dial_strings": rules.SWITCH,
    "dialects.rcml.ring_timeout": _POSITIVE,
    "dialects.rcml.targets": _POSITIVE,
    "dialects.callapi.ring_timeout": _POSITIVE,
    "dialects.callapi.targets": _POSITIVE,
    "dialects.voicegateway.ring_timeout": _POSITIVE,
    "dialects.voicegateway.targets": _POSITIVE,
    "http.connect_timeout": rules.SECONDS,
    "http.read_timeout": rules.SECONDS,
    "http.total_timeout": rules.SECONDS,
    "http.retries": at_least(0),
    "http.retry_on": choice("ct", "rt", "4xx", "5xx", "all"),
    "http.egress.deny": rules.DENIED,
    "outbox.url": rules.STORE,
    "outbox.give_up_after": rules.SECONDS,
    "outbox.claim_after": rules.SECONDS,
    "freeswitch.event_socket": optional(rules.PEER),
    "freeswitch.context": rules.TEXT,
    "freeswitch.password": rules.SECRET,
    "freeswitch.password_file": optional(rules.PATH),
    "speech.engine": rules.TEXT,
    "speech.voice": rules.TEXT,
    "media.cache_dir": optional(rules.PATH),
    "media.recordings_dir": optional(rules.FOLDER),
    "media.recordings_url": optional(rules.URL),
    "modules.media_fork": optional(rules.COMMAND),
    "modules.transcription": optional(rules.COMMAND),
    "modules.machine_detection": optional(rules.BEEPS),
    "machine_detection.greeting": rules.SECONDS,
    "machine_detection.silence": rules.SECONDS,
    "machine_detection.initial_silence": rules.SECONDS,
    "machine_detection.level": _POSITIVE,
    "web.listen": optional(rules.SERVED),
    "web.token_file": optional(rules.PATH),
    "web.control": rules.SWITCH,
    "web.view": rules.SWITCH,
    "records.file": optional(rules.PATH),
    "records.keep": rules.SECONDS,
    "records.most": at_least(0),
}

APPS: Mapping[str, Rule] = {
    "apps.name": rules.NAME,
    "apps.answer_url": rules.URL,
    "apps.match": rules.PATTERN,
    "apps.dialect": choice(*DIALECTS),
    "apps.answer_method": rules.METHOD,
    "apps.fallback_url": optional(rules.URL),
    "apps.fallback_method": rules.METHOD,
    "apps.hangup_url": optional(rules.URL),
    "apps.hangup_method": rules.METHOD,
    "apps.refer_url": optional(rules.URL),
    "apps.answer_delay": rules.SWITCH,
    "apps.call_out": rules.CALLABLE,
    "apps.auth_id": optional(rules.TEXT),
    "apps.auth_token": rules.SECRET,
    "apps.auth_token_file": optional(rules.PATH),
}

ROUTES: Mapping[str, Rule] = {
    "numbers.prefix": rules.PREFIX,
    "numbers.endpoints": some(endpoint("number")),
    "trunks": some(endpoint("number")),
    "clients": endpoint("name"),
    "users.domain": rules.DOMAIN,
    "users.endpoints": some(endpoint("user", "domain")),
}
