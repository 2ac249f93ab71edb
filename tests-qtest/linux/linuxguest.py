# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests that boot Linux share: assets, initramfs, runs, TAP."""

import contextlib
import hashlib
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
SCRIPTS = os.path.join(HERE, '..', '..', 'scripts')

SKIP = 77

# What a guest writes to isa-debug-exit, and QEMU's status then
CODE = 42
STATUS = CODE * 2 + 1

ARM_MODULES = ['virtio_mmio', 'virtio_blk', 'rtc-pl031']
PC_MODULES = ['ata_piix', 'sd_mod', 'virtio_pci', 'virtio_blk']


class Skip(Exception):
    """What the test needs is not there."""


class Tap:
    """TAP on stdout, a line a check, diagnostics as comments."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, good, what, detail=''):
        self.count += 1
        self.failed += not good
        print(f'{"ok" if good else "not ok"} {self.count} - {what}',
              flush=True)
        if detail and not good:
            self.note(detail)
        return good

    def skip(self, what, why):
        self.count += 1
        print(f'ok {self.count} - {what} # SKIP {why}', flush=True)

    @staticmethod
    def note(text):
        for line in str(text).splitlines():
            print(f'# {line}', flush=True)

    def end(self):
        print(f'1..{self.count}', flush=True)
        return 1 if self.failed else 0


def main(body):
    """Run body(tap); a Skip before any check skips the whole test."""
    tap = Tap()
    print('TAP version 13', flush=True)
    try:
        body(tap)
    except Skip as e:
        if not tap.count:
            print(f'1..0 # SKIP {e}', flush=True)
            return 0
        tap.skip('the rest', e)
    return tap.end()


def cache(*names):
    """A path in the cache outside the tree; its folder exists."""
    base = os.environ.get('INTACK_CACHE') or os.path.join(
        os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'),
        'intack')
    path = os.path.abspath(os.path.join(base, 'linux', *names))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


def qemu_binary():
    path = os.environ.get('QTEST_QEMU_BINARY')
    if not path:
        raise Skip('QTEST_QEMU_BINARY does not name a QEMU')
    if not os.access(path, os.X_OK):
        raise Skip(f'{path}: no such program')
    return os.path.realpath(path)


def assets(arch='amd64'):
    """The folder that scripts/linux-assets makes."""
    done = subprocess.run([os.path.join(SCRIPTS, 'linux-assets'),
                           '--arch', arch],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == SKIP:
        raise Skip(done.stderr.splitlines()[-1].partition('SKIP: ')[2])
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def has_split_pic(qemu):
    done = subprocess.run([qemu, '-machine', 'pc,help'], text=True,
                          stdout=subprocess.PIPE, check=False)
    return 'split-pic=' in done.stdout


def replace(path, data, mode=0o644):
    """Write a file in one step, so that an interruption leaves no half."""
    handle, temp = tempfile.mkstemp(dir=os.path.dirname(path))
    try:
        with os.fdopen(handle, 'wb') as f:
            f.write(data)
        os.chmod(temp, mode)
        os.replace(temp, path)
    except BaseException:
        os.unlink(temp)
        raise


def compiled(name, source, command, needs=()):
    """
    What command makes of a source, made once for every version of it, and of
    the other files that it needs.
    """
    version = hashlib.sha256(repr(command).encode())
    for path in (source, *needs):
        version.update(read(path))
    path = cache(f'{name}-{version.hexdigest()[:16]}')
    if os.path.exists(path):
        return path
    temp = f'{path}.{os.getpid()}'
    try:
        done = subprocess.run([*command, '-o', temp, source],
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, check=False)
        if done.returncode == SKIP:
            raise Skip(done.stderr.splitlines()[-1].partition('SKIP: ')[2])
        if done.returncode:
            raise RuntimeError(done.stderr)
        os.replace(temp, path)
    finally:
        if os.path.exists(temp):
            os.unlink(temp)
    return path


def helper():
    """The static helper of guests on a PC."""
    compiler = shutil.which('cc') or shutil.which('gcc')
    if not compiler:
        raise Skip('no C compiler')
    return compiled('helper', os.path.join(HERE, 'helper.c'),
                    [compiler, '-static', '-O2', '-Wall', '-Werror'])


def arm64_program(name, source, *options, needs=()):
    """A static program or a shared object for an arm64 host."""
    return compiled(name, source, [os.path.join(SCRIPTS, 'arm64-cc'),
                                   '-Werror', *options], needs)


class Initramfs:
    """An uncompressed cpio archive ("newc"), kept in the cache."""

    def __init__(self, tools=''):
        self.entries = {'dev': (0o040755, b'', 0),
                        'dev/console': (0o020600, b'', 5 << 8 | 1)}
        self.stripped = []
        self.strip_tool = f'{tools}strip'

    def add(self, name, data, mode=0o644):
        parent = os.path.dirname(name)
        while parent and parent not in self.entries:
            self.entries[parent] = (0o040755, b'', 0)
            parent = os.path.dirname(parent)
        self.entries[name] = (0o100000 | mode, data, 0)

    def copy(self, name, path, strip=False):
        mode = 0o755 if os.access(path, os.X_OK) else 0o644
        self.add(name, read(path), mode)
        if strip:
            self.stripped.append(name)

    def strip(self):
        """Drop debug information: the guest holds all of it in memory."""
        if not shutil.which(self.strip_tool):
            return
        for name in self.stripped:
            mode, data, rdev = self.entries[name]
            with tempfile.NamedTemporaryFile() as f:
                f.write(data)
                f.flush()
                subprocess.run([self.strip_tool, f.name], check=True)
                self.entries[name] = (mode, read(f.name), rdev)

    def modules(self, folder, names):
        """Those modules, with all that they depend on."""
        for module in load_order(folder, names):
            self.copy(f'modules/{module}.ko', f'{folder}/modules/{module}.ko')

    def archive(self):
        out = []

        def put(data):
            out.append(data + bytes(-len(data) % 4))

        # folders come before what is in them
        entries = sorted(self.entries.items())
        entries.append(('TRAILER!!!', (0, b'', 0)))
        for ino, (name, (mode, data, rdev)) in enumerate(entries, 1):
            fields = (ino, mode, 0, 0, 1, 0, len(data), 0, 0,
                      rdev >> 8, rdev & 255, len(name) + 1, 0)
            put(b'070701' + b''.join(b'%08x' % f for f in fields)
                + name.encode() + b'\0')
            put(data)
        return b''.join(out)

    def stored(self, kind):
        """The path of the archive, written only if something changed."""
        key = hashlib.sha256(repr(self.stripped).encode())
        for name, (mode, data, _) in sorted(self.entries.items()):
            key.update(f'{name} {mode} {len(data)}\n'.encode())
            key.update(data)
        path = cache(f'{kind}-{key.hexdigest()[:16]}.cpio')
        if os.path.exists(path):
            os.utime(path)
            return path
        self.strip()
        replace(path, self.archive())
        # the newest few stay: another checkout may be using its own
        folder = os.path.dirname(path)
        same = [os.path.join(folder, name) for name in os.listdir(folder)
                if re.fullmatch(rf'{kind}-[0-9a-f]{{16}}\.cpio', name)]
        for old in sorted(same, key=os.path.getmtime)[:-4]:
            os.unlink(old)
        return path


def load_order(folder, names):
    """Modules to insert, in order, with all that they depend on."""
    order = dict(line.split(': ', 1) for line in
                 read(os.path.join(folder, 'modules', 'order')).decode()
                 .splitlines())
    result = []
    for name in names:
        result += [m for m in order[name].split() if m not in result]
    return result


def guest_initramfs(folder):
    """The initramfs of a plain Linux guest; the path of the archive."""
    fs = Initramfs()
    fs.copy('init', os.path.join(HERE, 'init'))
    fs.copy('bin/busybox', os.path.join(folder, 'busybox'))
    fs.copy('bin/helper', helper())
    fs.modules(folder, PC_MODULES)
    return fs.stored('guest')


def arm_guest_initramfs(arch, folder):
    """The initramfs of a Linux guest on an Arm board."""
    fs = Initramfs()
    fs.copy('init', os.path.join(HERE, 'arm-init'))
    fs.copy('bin/busybox', os.path.join(folder, 'busybox'))
    fs.modules(folder, ARM_MODULES)
    return fs.stored(f'guest-{arch}')


def disk():
    """A disk of a megabyte to read from."""
    path = cache('disk.img')
    if not os.path.exists(path):
        replace(path, bytes(range(256)) * 4096)
    return path


def append(folder, modules=(), disks=(), extra='', console='ttyS0'):
    """The kernel's command line of a guest that runs our init script."""
    return (f'console={console} quiet panic=-1 mitigations=off {extra} '
            f'MODULES={",".join(load_order(folder, modules))} '
            f'DISKS={",".join(disks)} CODE={CODE}')


# The id is for nested-init: it asks no more after this
STATS = ('{"execute": "qom-get", "id": "last", "arguments": '
         '{"path": "/machine/split-i8259", "property": "stats"}}')


def ask_stats(monitor):
    """
    Wait on a monitor until the guest has ended QEMU, kept by -no-shutdown;
    read the PIC's counters, None if QEMU ended otherwise, let it go.
    """
    with contextlib.suppress(OSError), monitor.makefile('rw') as qmp:
        def put(text):
            qmp.write(text + '\n')
            qmp.flush()

        put('{"execute": "qmp_capabilities"}')
        for line in qmp:
            message = json.loads(line)
            if message.get('event') == 'SHUTDOWN':
                put(STATS)
            elif 'error' in message or 'raised' in message.get('return', {}):
                put('{"execute": "quit"}')
                return message.get('return')
    return None


def console_text(console):
    # the file's offset is QEMU's as well
    data = os.pread(console.fileno(), os.fstat(console.fileno()).st_size, 0)
    return data.decode('utf-8', 'replace').replace('\r', '')


def wait(process, limit, console, watch):
    """Its status; meanwhile watch(what it printed so far)."""
    while True:
        left = limit - time.monotonic()
        try:
            return process.wait(max(1, min(left, 2) if watch else left))
        except subprocess.TimeoutExpired:
            if time.monotonic() >= limit:
                return None
        watch(console_text(console))


def run(command, timeout, stats=False, watch=None):
    """
    Run QEMU with its console on stdout. Returns its exit status, None if it
    had to be killed, its output, the seconds it took, and the PIC's counters
    if they are wanted and there.
    """
    begin = time.monotonic()
    counters = None
    with tempfile.TemporaryFile() as console:
        ours, theirs = socket.socketpair()
        if stats:
            command = command + [
                '-no-shutdown', '-mon', 'chardev=qmp,mode=control', '-chardev',
                f'socket,id=qmp,fd={theirs.fileno()}']
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                   stdout=console, stderr=subprocess.STDOUT,
                                   pass_fds=[theirs.fileno()])
        theirs.close()
        try:
            with ours:
                if stats:
                    ours.settimeout(timeout)
                    counters = ask_stats(ours)
                status = wait(process, begin + timeout, console, watch)
        finally:
            process.kill()
            process.wait()
        text = console_text(console)
    # for the log: TAP goes to stdout
    print(shlex.join(command), text, sep='\n', file=sys.stderr, flush=True)
    return status, text, time.monotonic() - begin, counters


def run_arm64_host(qemu, gic, kernel, initrd, memory, inside, timeout,
                   watch=None):
    """
    Boot the machine around guests on Arm's KVM, with EL2 and this version of
    the GIC; inside: seconds for each script of nested-init. As run().
    """
    return run(
        [qemu, '-nodefaults', '-display', 'none', '-no-reboot',
         '-accel', 'tcg,thread=multi',
         '-machine', f'virt,virtualization=on,gic-version={gic}',
         '-cpu', 'cortex-a53', '-smp', '2', '-m', str(memory),
         '-semihosting-config', 'enable=on,userspace=on,target=native',
         '-kernel', kernel, '-initrd', initrd,
         '-append', 'console=ttyAMA0 quiet panic=-1 mitigations=off '
         f'LIMIT={inside} CODE={CODE}', '-serial', 'stdio'], timeout,
        watch=watch)


class Row:
    """One line of /proc/interrupts."""

    def __init__(self, counts, label):
        self.counts = counts
        self.label = label
        self.total = sum(counts)

    @property
    def chip(self):
        return self.label.split()[0] if self.label else ''


def tables(output):
    """{'before': {irq: Row}, 'after': ...} as the init script printed."""
    result = {}
    for name, body in re.findall(r'^intack: interrupts (\w+)\n(.*?)'
                                 r'^intack: end$', output, re.M | re.S):
        rows = {}
        for irq, rest in re.findall(r'^ *(\w+):(.*)$', body, re.M):
            counts = re.match(r'((?:\s+\d+)*)\s*(.*)', rest)
            rows[irq] = Row([int(n) for n in counts[1].split()], counts[2])
        result[name] = rows
    return result


def check_guest(tap, name, output, status, chips, wanted, good_status=STATUS):
    """
    The checks on what one Linux guest printed and how it ended. chips: the
    interrupt controllers that device interrupts may come through; wanted:
    [(what, pattern of the handler's name, at least so many, of chip)].
    """
    ports = '\nintack: no port I/O here' not in output
    tap.check(status == (good_status if ports else 0),
              f'{name}: ended by the guest', f'exit status {status}')
    good = tap.check('\nintack: done' in output, f'{name}: ran to its end',
                     'the last lines:\n' + '\n'.join(
                         output.splitlines()[-25:]))
    found = tables(output)
    before, after = found.get('before', {}), found.get('after', {})
    if not good or not after:
        return
    for what, pattern, least, chip in wanted:
        rows = [(row.total - (before[irq].total if irq in before else 0),
                 irq, row) for irq, row in after.items()
                if re.search(pattern, row.label)]
        if not rows:
            tap.check(False, f'{name}: {what} interrupts',
                      f'no line of /proc/interrupts matches {pattern}')
            continue
        if what == 'RTC' and not ports:
            least = 2
        # the busier one, where a driver has two
        came, irq, row = max(rows, key=lambda found: found[0])
        tap.check(came >= least and row.chip == chip,
                  f'{name}: {what} interrupts: {came} on {row.chip} {irq}',
                  f'wanted at least {least} through {chip}')
    strange = [f'{irq}: {row.label}' for irq, row in after.items()
               if irq.isdigit() and row.chip not in chips]
    tap.check(not strange, f'{name}: device interrupts only through '
              + ', '.join(chips), '\n'.join(strange))
    # Arm spells it so
    errors = next((after[row].total for row in ('ERR', 'Err')
                   if row in after), -1)
    complaints = re.findall(r'^intack: (?:complaint|failed:) .*$', output,
                            re.M)
    tap.check(errors == 0 and not complaints,
              f'{name}: no spurious interrupt, no complaint of the kernel',
              f'ERR: {errors}\n' + '\n'.join(complaints))


def check_tap(tap, output):
    """The lines of a test that printed TAP inside, as ours."""
    errors = []
    for line in output.splitlines():
        result = re.match(r'(not )?ok \d+ (/\S+)(.*# SKIP)?', line)
        if line.startswith('# ERROR'):
            errors.append(line[2:])
        elif result and result[3]:
            tap.skip(result[2], 'it says so')
        elif result:
            tap.check(not result[1], result[2], '\n'.join(errors))
            errors = []


# Linux tries the IOAPIC's pin 0, where a PC has no timer
NO_IOAPIC_TIMER = 'acpi_skip_timer_override pci=nomsi'


def check_wire(tap, name, output, status, works):
    """
    The timer by LVT0 in Fixed mode, as an interrupt of the local APIC. Without,
    Linux falls back to ExtINT.
    """
    tap.check(status in (0, STATUS) and '\nintack: done' in output,
              f'{name}: ran to its end', f'exit status {status}\n'
              + '\n'.join(output.splitlines()[-25:]))
    tried = ' '.join(re.findall(r'^intack: timer .*?\] (.*)$', output, re.M))
    tap.note(f'{name}: {tried}')
    found = re.search(r'as Virtual Wire IRQ\.\.\. \.+ (\w+)', tried)
    wanted = 'works' if works else 'failed'
    tap.check(found and found[1] == wanted, f'{name}: Virtual Wire {wanted}')
    rows = tables(output).get('after', {})
    chip = rows['0'].chip if '0' in rows else None
    tap.check(chip == ('local-APIC' if works else 'XT-PIC'),
              f'{name}: the timer comes through {chip}')
    local = rows['LOC'].total if 'LOC' in rows else 0
    tap.check(local >= 100, f'{name}: {local} local timer interrupts')
    return rows['0'].total if '0' in rows else 0


def check_wire_counters(tap, name, timer, counters):
    """Nobody acknowledges: the firmware's ticks aside, no INTA of IRQ 0."""
    sent = sum(vcpu['sent'] for vcpu in counters.get('lint0', []))
    # Linux sends itself a few more while it looks for the timer
    tap.check(sent >= 4 and 0 <= timer - sent <= 12,
              f'{name}: {sent} vectors sent, {timer} ticks counted')
    tap.check(counters['delivered'][0] < 50 and not sum(counters['spurious']),
              f'{name}: {counters["delivered"][0]} INTAs of IRQ 0')


def check_counters(tap, name, output, counters, twice=0):
    """
    The PIC's own account beside the guest's. Of the RTC, IDE and virtio the
    firmware takes no interrupt: what was delivered is what Linux counted, or
    up to so many more.
    """
    edges = (0, 1, 3, 4, 6, 8, 12, 13, 14, 15)
    rest = [f'IRQ {irq}: {left}' for irq in edges
            if (left := counters['raised'][irq] - counters['merged'][irq]
                - counters['dropped'][irq] - counters['delivered'][irq])
            not in (0, 1)]
    tap.check(not rest, f'{name}: every edge raised was delivered, merged or '
              'dropped', '\n'.join(rest))
    wrong = []
    for irq, row in tables(output).get('after', {}).items():
        if re.search(r'\b(rtc0|ata_piix|virtio\d)\b', row.label):
            delivered = counters['delivered'][int(irq)]
            if (row.chip == 'XT-PIC'
                    and not 0 <= row.total - delivered <= twice):
                wrong.append(f'IRQ {irq} {row.label}: delivered {delivered}, '
                             f'handled {row.total}')
    tap.check(not wrong, f'{name}: the guest handled what was delivered',
              '\n'.join(wrong))
    if 'inta' in counters:
        given = sum(counters['delivered']) + sum(counters['spurious'])
        tap.check(counters['inta'] == given and not counters['refused'],
                  f'{name}: a delivery for each INTA, none refused',
                  f'{counters["inta"]} INTAs, {given} deliveries, '
                  f'{counters["refused"]} refused')
