"""API commands for later: ``sched_api`` and ``sched_del``.

Source: mod_commands.c (sched_api_function, sched_del_function), switch_scheduler.c: it looks at
whole clock seconds.
"""

from typing import TYPE_CHECKING

import gevent

if TYPE_CHECKING:
    from dialctl.switch.double import Switch


class Scheduler:
    def __init__(self, switch: "Switch") -> None:
        self._switch = switch
        self._tasks: dict[gevent.Greenlet[..., str], str] = {}  # and the group of each
        self._count = 0

    def add(self, argument: str) -> str:
        """``[+]SECONDS GROUP COMMAND``"""
        when, _, rest = argument.partition(" ")
        group, _, command = rest.partition(" ")
        if not command:
            return "-ERR Invalid syntax. USAGE: [+@]<time> <group_name> <command_string>[&]\n"
        clock = self._switch.clock
        seconds = int(when.lstrip("+@")) - (0 if when[0] in "+@" else int(clock.wall()))
        name, _, rest = command.partition(" ")
        left = clock.real(self._switch.until_second(max(0, seconds)))
        task = gevent.spawn_later(max(0.0, left), self._switch.api, name, rest)
        self._tasks[task] = group
        task.rawlink(lambda done: self._tasks.pop(task, None))
        self._count += 1
        return f"+OK Added: {self._count}\n"

    def delete(self, group: str) -> str:
        found = [task for task, other in self._tasks.items() if other == group]
        self._kill(found)
        return f"+OK Deleted: {len(found)}\n"

    def stop(self) -> None:
        self._kill(list(self._tasks))

    def _kill(self, tasks: "list[gevent.Greenlet[..., str]]") -> None:
        for task in tasks:
            del self._tasks[task]
            if task is not gevent.getcurrent():
                task.kill(block=False)
