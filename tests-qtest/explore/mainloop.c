/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main loop's thread, and what it does to the vCPUs' (cpus.c).
 */
#include "qemu/osdep.h"
#include "explore.h"

/* One after the other, with the BQL */
static void pause_all(unsigned why)
{
    bql_lock();
    FOR_EACH_CPU(v) {
        if (!hook_replay(NULL)) {
            hook_gate();
            if (why == HOST_STOP) {
                w.g.running = 0;
            }
            w.cpu[v].stop = 1;
            kick(v);
            say("%s vCPU %u", why == HOST_STOP ? "stop:" : "reset:", v);
            hook_done(0);
        }
    }
    bql_unlock();
}

static Task wait_paused(unsigned why)
{
    bool all = true;

    bql_lock();
    hook_gate();
    FOR_EACH_CPU(v) {
        all &= w.cpu[v].stopped;
    }
    if (!all && !w.g.cond) {
        hook_blocked();
    }
    w.g.cond = 0;
    if (all) {
        say(why == HOST_STOP ? "all paused" : "all paused, reset");
        if (why == HOST_STOP) {
            host_stopped();
        } else {
            host_reset();
        }
        run.alone = false;
        run.t = &w.g.t;
        run.self = MAIN;
    } else {
        FOR_EACH_CPU(v) {
            kick(v);
        }
        say("kicks all once more");
    }
    w.g.bql = NOBODY;
    return all ? MAIN_REST : MAIN_WAIT;
}

/* Work that is queued for a vCPU, with a kick */
static void queue(unsigned arg)
{
    unsigned v = arg & 1;
    unsigned what = arg >> 1;

    bql_lock();
    hook_gate();
    switch (what) {
    case 0:
        w.cpu[v].exit_request = 1;
        say("exit_request of vCPU %u", v);
        break;
    case 1:
        w.cpu[v].sync = 1;
        say("asks for the registers of vCPU %u", v);
        kick(v);
        break;
    case 2:
        w.cpu[v].nmi = 1;
        say("sends an NMI to vCPU %u", v);
        kick(v);
        break;
    case 3:
        say("kicks vCPU %u for another cause", v);
        kick(v);
        break;
    }
    bql_unlock();
}

Task main_task(Task task, unsigned arg)
{
    switch (task) {
    case MAIN_PAUSE:
        pause_all(arg == 0 ? HOST_STOP : HOST_RESET);
        return MAIN_WAIT;
    case MAIN_WAIT:
        return wait_paused(arg == 0 ? HOST_STOP : HOST_RESET);
    case MAIN_UNPLUG:
        bql_lock();
        hook_gate();
        w.cpu[arg].stop = 1;
        w.cpu[arg].unplug = 1;
        kick(arg);
        say("unplugs vCPU %u", arg);
        bql_unlock();
        return MAIN_JOIN;
    case MAIN_JOIN:
        if (w.cpu[arg].t.task != CPU_OFF) {
            hook_blocked();
        }
        bql_lock();
        hook_gate();
        say("vCPU %u is gone", arg);
        bql_unlock();
        return MAIN_REST;
    default:
        queue(arg);
        return MAIN_REST;
    }
}
