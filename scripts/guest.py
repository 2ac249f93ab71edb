# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU with our guest ROM, driven over its monitor."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile

# tests-qtest/guest/guest.inc
P_SCENARIO, P_HZ, P_COUNT, P_FLAGS = 0x600, 0x604, 0x608, 0x60c
P_CPUS, P_SOURCES, P_RTC, P_TIMER = 0x610, 0x614, 0x618, 0x61c
R_RAISED4, R_COUNT = 0x818, 0x840
F_HALT = 1
S_PIT, S_SERIAL, S_RTC = 0x001, 0x010, 0x100
SCN_DEMO, SCN_SERVICE = 0, 7

STATS = '/machine/split-i8259'


class Failure(Exception):
    """Ends the program with this message."""


class Guest:
    """params: {address: word} for the ROM."""

    def __init__(self, qemu, rom, machine, accel, params, options=()):
        if not os.path.exists(rom):
            raise Failure(f'{rom}: no such ROM')
        self.dir = tempfile.mkdtemp(prefix='intack-')
        self.console = os.path.join(self.dir, 'console')
        self.stderr = os.path.join(self.dir, 'stderr')
        ours, theirs = socket.socketpair()
        command = [
            qemu, '-machine', machine, '-accel', accel, '-m', '16',
            '-nodefaults', '-no-user-config', '-display', 'none',
            '-serial', 'null', '-bios', rom,
            '-chardev', f'file,id=console,path={self.console}',
            '-device', 'isa-debugcon,iobase=0xe9,chardev=console',
            '-chardev', f'socket,id=qmp,fd={theirs.fileno()}',
            '-mon', 'chardev=qmp,mode=control', *options,
        ]
        for addr, data in params.items():
            command += ['-device',
                        f'loader,addr={addr},data={data},data-len=4']
        try:
            with open(self.stderr, 'w', encoding='utf-8') as stderr:
                # Ctrl-C is for us: QEMU goes when we say so
                self.process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stderr=stderr,
                    stdout=stderr, pass_fds=[theirs.fileno()],
                    start_new_session=True)
        except OSError as err:
            shutil.rmtree(self.dir)
            raise Failure(f'cannot start {qemu}: {err.strerror}') from err
        theirs.close()
        ours.settimeout(60)
        self.monitor = ours.makefile('rw', encoding='utf-8')

    def __enter__(self):
        try:
            self.receive()
            self.command('qmp_capabilities')
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def died(self):
        try:
            status = self.process.wait(10)
        except subprocess.TimeoutExpired:
            return Failure("QEMU's monitor is gone")
        with open(self.stderr, encoding='utf-8', errors='replace') as f:
            last = f.read().strip().splitlines()[-5:]
        if status < 0:
            what = f'was killed by {signal.Signals(-status).name}'
        else:
            what = f'ended with status {status}'
        return Failure('\n'.join([f'QEMU {what}', *last]))

    def receive(self):
        try:
            line = self.monitor.readline()
        except TimeoutError as err:
            raise Failure('QEMU does not answer') from err
        except OSError:
            line = ''
        if not line:
            raise self.died()
        return json.loads(line)

    def command(self, execute, **arguments):
        try:
            self.monitor.write(json.dumps({'execute': execute,
                                           'arguments': arguments}) + '\n')
            self.monitor.flush()
        except OSError as err:
            raise self.died() from err
        while True:
            answer = self.receive()
            if 'error' in answer:
                raise Failure(f'{execute}: {answer["error"]["desc"]}')
            if 'return' in answer:
                return answer['return']

    def stats(self):
        """The PIC's own counters."""
        return self.command('qom-get', path=STATS, property='stats')

    def kvm_stats(self):
        """KVM's counters, of all vCPUs together."""
        total = {}
        for vcpu in self.command('query-stats', target='vcpu'):
            for stat in vcpu['stats']:
                if isinstance(stat['value'], int):
                    name = stat['name']
                    total[name] = total.get(name, 0) + stat['value']
        return total

    def word(self, addr):
        """A word of the guest's memory."""
        text = self.command('human-monitor-command',
                            **{'command-line': f'xp /1wd {addr:#x}'})
        return int(text.split(':')[1])

    def printed(self):
        with open(self.console, encoding='ascii', errors='replace') as f:
            return f.read()

    def cpu_ns(self):
        """CPU time of all of QEMU's threads."""
        total = 0
        tasks = f'/proc/{self.process.pid}/task'
        for task in os.listdir(tasks):
            try:
                with open(f'{tasks}/{task}/schedstat', encoding='ascii') as f:
                    total += int(f.read().split()[0])
            except FileNotFoundError:
                pass
        return total
