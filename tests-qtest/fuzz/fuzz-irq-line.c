/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target: words of KVM_IRQ_LINE under any rules, and the level memory on
 * the model of the kernel.
 * Input: actions, each a byte that chooses it and what it needs; see action().
 */
#include "qemu/osdep.h"
#include "fuzz.h"
#include "irq-level.h"
#include "kvm-model-arm.h"

#define ACTIONS 60
#define VCPUS   4
#define SPIS    24

static uint64_t input_number(Input *in, unsigned bytes)
{
    uint64_t val = 0;

    for (unsigned i = 0; i < bytes; i++) {
        val = val << 8 | input_byte(in);
    }
    return val;
}

/* 0: these are rules; the mask may be one that no GIC of that version has */
static int input_rules(Input *in, IrqLineRules *rules)
{
    static const unsigned gics[] = { 0, 2, 3, 5, 1, 4, 6, UINT_MAX };
    uint8_t how = input_byte(in);
    unsigned vcpus = input_number(in, 2), spis = input_number(in, 2);
    uint64_t ppis[2] = { 1 << 3 };
    int ret;

    if (how & 16) {
        ppis[0] = input_number(in, 8);
        ppis[1] = input_number(in, 8);
    }
    vcpus = how & 32 ? vcpus : vcpus & 255;
    spis = how & 64 ? spis * 2 : spis & 1023;
    ret = irq_line_rules(rules, gics[how & 7], how & 8, vcpus, spis, ppis);
    if (how & 128) {
        memcpy(rules->ppis, ppis, sizeof(ppis));
    }
    TRACE("GIC %u, layout %d, %u vCPUs, %u SPIs: %d\n", gics[how & 7],
          1 + !!(how & 8), vcpus, spis, ret);
    CHECK(ret == 0 || ret == -EINVAL);
    CHECK((ret == 0) == (vcpus >= 1 && vcpus <= 4096 && (how & 7) < 4 &&
                         (gics[how & 7] == 0 ||
                          spis <= (gics[how & 7] == 5 ? 65536 : 988))));
    return ret;
}

/* By another formula than the codec's */
static int expected(const IrqLineRules *rules, const IrqLine *line)
{
    unsigned nr = line->number;
    unsigned vcpus = rules->layout2 || rules->vcpus < 256 ? rules->vcpus : 256;
    bool there;

    if (line->type > 2) {
        return -EINVAL;
    }
    if ((line->type == 0) != (rules->gic == 0)) {
        return -ENXIO;
    }
    there = line->type == 0 ? nr < 2 :
            line->type == 1 ? rules->gic == 5 ? nr < rules->spis :
                              nr > 31 && nr < 32 + rules->spis :
            nr < 64 ? rules->ppis[0] & 1ull << nr :
            nr < 128 ? rules->ppis[1] & 1ull << (nr - 64) : false;
    return there && (line->type == 1 || line->vcpu < vcpus) ? 0 : -EINVAL;
}

static void check_text(const char *text)
{
    CHECK(memchr(text, 0, IRQ_LINE_TEXT_MAX));
    CHECK(strlen(text) > 0 && strlen(text) < IRQ_LINE_TEXT_MAX - 1);
    TRACE("  %s\n", text);
}

static void check_fault(const IrqLineRules *rules, const IrqLine *line,
                        const IrqLineFault *f, int err)
{
    char *text = malloc(IRQ_LINE_TEXT_MAX), value[16];

    CHECK(f->err == err && f->rules == rules && f->type == line->type);
    CHECK((err == 0) == (f->field == IRQ_LINE_FIELD_NONE));
    CHECK(irq_line_text(line, text) == text);
    check_text(text);
    CHECK(irq_line_fault_text(f, text) == text);
    check_text(text);
    if (err) {
        snprintf(value, sizeof(value), " %u", f->value);
        CHECK(strstr(text, value));
        CHECK(err != -ENXIO || f->field == IRQ_LINE_FIELD_TYPE);
        /* Only PPIs have gaps */
        CHECK(f->value < f->min || f->value > f->max ||
              (f->type == IRQ_LINE_PPI && f->field == IRQ_LINE_FIELD_NUMBER));
    }
    free(text);
}

/* Returns what the check says */
static int check_line(const IrqLineRules *rules, const IrqLine *line,
                      uint32_t *word)
{
    IrqLineFault fault;
    int err = irq_line_check(rules, line, &fault);

    CHECK(err == expected(rules, line));
    CHECK(irq_line_check(rules, line, NULL) == err);
    check_fault(rules, line, &fault, err);
    CHECK(irq_line_encode(rules, line, word, &fault) == err);
    CHECK(fault.err == err);
    return err;
}

static void try_word(Input *in)
{
    IrqLineRules rules;
    bool good = input_rules(in, &rules) == 0;
    uint32_t word = input_number(in, 4), again = ~word;
    IrqLine line, back;

    TRACE("  word %08x\n", word);
    irq_line_decode(rules.layout2, word, &line);
    CHECK(line.number < 65536 && line.vcpu < 4096 && line.type < 256);
    if (!good) {
        return;
    }
    if (check_line(&rules, &line, &again)) {
        CHECK(again == ~word);
        return;
    }
    CHECK((again == word) == !irq_line_ignored(rules.layout2, word));
    CHECK((again & ~word) == 0);
    irq_line_decode(rules.layout2, again, &back);
    CHECK(!memcmp(&line, &back, sizeof(line)));
    CHECK(!irq_line_ignored(rules.layout2, again));
}

/* Fields of any width: what is accepted comes out of the word as it went in */
static void try_line(Input *in)
{
    IrqLineRules rules;
    bool good = input_rules(in, &rules) == 0;
    uint8_t how = input_byte(in);
    IrqLine line = { how & 3, input_number(in, 2), input_number(in, 2) }, back;
    uint32_t word = 0x77777777;

    line.type += how & 4 ? input_number(in, 4) : 0;
    line.vcpu += how & 8 ? input_number(in, 4) : 0;
    line.number += how & 16 ? input_number(in, 4) : 0;
    if (!good) {
        return;
    }
    if (check_line(&rules, &line, &word)) {
        CHECK(word == 0x77777777);
        return;
    }
    irq_line_decode(rules.layout2, word, &back);
    CHECK(back.type == line.type && back.number == line.number);
    CHECK(back.vcpu == (line.type == IRQ_LINE_SPI ? 0 : line.vcpu));
}

/* One that gets every input, one that gets what the memory issues */
static KVMModelArm every, some;
static KVMModelArmVCPU every_vcpus[VCPUS], some_vcpus[VCPUS];
static IrqLevels levels;
static bool marked[SPIS], wire[IRQ_LINE_TYPES][VCPUS][32 + SPIS];
static unsigned shared[SPIS];

static void check_same(void)
{
    CHECK(!memcmp(every_vcpus, some_vcpus, sizeof(some_vcpus)));
    CHECK(!memcmp(every.spi, some.spi, sizeof(some.spi)));
    CHECK(every.queued == some.queued);
}

static int issue(KVMModelArm *m, const IrqLine *line, bool level)
{
    uint32_t word;

    CHECK(irq_line_encode(&levels.rules, line, &word, NULL) == 0);
    return kvm_model_arm_irq_line(m, word, level);
}

static void restore(const IrqLine *line, bool level)
{
    issue(&every, line, level);
    if (irq_levels_restore(&levels, line, level)) {
        irq_levels_done(&levels, line, level, issue(&some, line, level));
    }
}

static void move(const IrqLine *line, bool level)
{
    IrqLevel known = irq_levels_get(&levels, line);
    int ret = issue(&every, line, level);
    IrqLevelVerdict verdict = irq_levels_look(&levels, line, level);

    TRACE("  to %d, known %d: %d\n", level, known, verdict);
    if (verdict == IRQ_LEVEL_ISSUE) {
        CHECK(issue(&some, line, level) == ret);
        irq_levels_done(&levels, line, level, ret);
        /* What is known says that it is worth it */
        CHECK(known != (level ? IRQ_LEVEL_HIGH : IRQ_LEVEL_LOW) ||
              (level && line->type == IRQ_LINE_SPI &&
               !marked[line->number - 32]));
    } else {
        CHECK(known == (level ? IRQ_LEVEL_HIGH : IRQ_LEVEL_LOW));
        CHECK(verdict == (level ? IRQ_LEVEL_SAVE_RAISE : IRQ_LEVEL_SAVE_LOWER));
    }
    wire[line->type][line->vcpu][line->number] = level;
}

static void of_spi(const IrqLine *line, unsigned what, bool flag)
{
    unsigned n = line->number - 32;
    uint8_t level = every.spi[n] & KVM_MODEL_LINE_LEVEL;

    switch (what) {
    case 0:
        /* Not to edge while it is high inside: the one that is known */
        if (flag || (!marked[n] && !(every.spi[n] & KVM_MODEL_LINE_HIGH))) {
            kvm_model_arm_configure(&every, 0, line->number, flag);
            kvm_model_arm_configure(&some, 0, line->number, flag);
        }
        break;
    case 1:
        marked[n] = flag && level;
        irq_levels_trigger(&levels, line, marked[n]);
        break;
    case 2:
        if (flag || shared[n]) {
            shared[n] += flag ? 1 : -1;
            irq_levels_shared(&levels, line, flag);
        }
        break;
    case 3:
        if (shared[n]) {
            CHECK(irq_levels_get(&levels, line) == IRQ_LEVEL_UNKNOWN);
            issue(&every, line, flag);
            issue(&some, line, flag);
        }
        break;
    case 4:
        /* Loaded into a GICv2, which is told by moving the line */
        if (level) {
            restore(line, wire[IRQ_LINE_SPI][0][line->number]);
        }
        break;
    default:
        /* Loaded; level 1 only where it is one */
        if (!marked[n]) {
            flag = flag && level;
            every.spi[n] = some.spi[n] = level |
                                         (flag ? KVM_MODEL_LINE_HIGH : 0);
            irq_levels_set(&levels, line, flag ? IRQ_LEVEL_HIGH :
                           IRQ_LEVEL_LOW);
        }
        break;
    }
}

/* Its lines may move before its state is put */
static void reset_vcpu(unsigned vcpu, unsigned how)
{
    IrqLine line = { IRQ_LINE_CPU, vcpu, 0 };

    kvm_model_arm_vcpu_init(&every, vcpu);
    kvm_model_arm_vcpu_init(&some, vcpu);
    irq_levels_vcpu_init(&levels, vcpu);
    for (; !levels.rules.gic && line.number < 2; line.number++) {
        if (how & 2) {
            move(&line, how & 1);
        }
        restore(&line, wire[IRQ_LINE_CPU][vcpu][line.number]);
    }
}

/* A step is two bytes: which line, and what happens to it */
static void step(Input *in)
{
    uint8_t which = input_byte(in), what = input_byte(in);
    IrqLine line = { IRQ_LINE_CPU, which % VCPUS, which >> 2 & 1 };

    if (levels.rules.gic) {
        line = which & 128 ?
            (IrqLine) { IRQ_LINE_SPI, 0, 32 + which % SPIS } :
            (IrqLine) { IRQ_LINE_PPI, which % VCPUS, 16 + (which >> 2) % 16 };
    }
    TRACE("%s %u of %u: %u\n", irq_line_type_name(line.type), line.number,
          line.vcpu, what);
    if (what & 128) {
        move(&line, what & 1);
    } else if (what & 64 && levels.rules.gic) {
        kvm_model_arm_ack(&every, line.vcpu, line.number);
        kvm_model_arm_ack(&some, line.vcpu, line.number);
    } else if (what & 32 && line.type == IRQ_LINE_SPI) {
        of_spi(&line, what >> 1 & 7, what & 1);
    } else if (what & 16) {
        irq_levels_forget(&levels);
    } else if (what & 8) {
        kvm_model_arm_gic_init(&every);
        kvm_model_arm_gic_init(&some);
    } else if (what & 4) {
        kvm_model_arm_first_run(&every, line.vcpu);
        kvm_model_arm_first_run(&some, line.vcpu);
    } else {
        reset_vcpu(line.vcpu, what);
    }
    check_same();
}

static void try_levels(Input *in)
{
    static const KVMModelGIC gics[] = {
        KVM_MODEL_NO_GIC, KVM_MODEL_GICV2, KVM_MODEL_GICV3, KVM_MODEL_GICV3,
    };
    static const unsigned versions[] = { 0, 2, 3, 3 };
    unsigned how = input_byte(in), gic = how & 3, steps = input_byte(in);
    IrqLineRules rules;
    uint8_t *storage;

    memset(marked, 0, sizeof(marked));
    memset(wire, 0, sizeof(wire));
    memset(shared, 0, sizeof(shared));
    kvm_model_arm_init(&every, gics[gic], gic ? SPIS : 0, every_vcpus, VCPUS);
    kvm_model_arm_init(&some, gics[gic], gic ? SPIS : 0, some_vcpus, VCPUS);
    if (how & 4) {
        every.linux_version = some.linux_version = KVM_MODEL_ARM_LINUX(6, 1);
    }
    CHECK(irq_line_rules(&rules, versions[gic], true, VCPUS, SPIS, NULL) == 0);
    storage = malloc(irq_levels_size(&rules));
    irq_levels_init(&levels, &rules, storage);
    for (unsigned i = 0; i < steps && !input_empty(in); i++) {
        step(in);
    }
    free(storage);
}

/* The memory of lines that may be none, with no room to spare */
static void try_storage(Input *in)
{
    IrqLineRules rules;
    IrqLine line;
    uint8_t *storage, how;
    size_t size;
    bool is;

    if (input_rules(in, &rules)) {
        return;
    }
    size = irq_levels_size(&rules);
    CHECK(size < 1 << 20);
    storage = malloc(size + !size);
    irq_levels_init(&levels, &rules, storage);
    how = input_byte(in);
    line = (IrqLine) { how & 3, input_number(in, 2), input_number(in, 2) };
    is = irq_line_check(&rules, &line, NULL) == 0;
    CHECK(irq_levels_get(&levels, &line) == (is ? IRQ_LEVEL_LOW :
                                             IRQ_LEVEL_UNKNOWN));
    irq_levels_done(&levels, &line, true, how & 4 ? -EBUSY : 0);
    CHECK(irq_levels_get(&levels, &line) ==
          (is && !(how & 4) ? IRQ_LEVEL_HIGH : IRQ_LEVEL_UNKNOWN));
    CHECK(levels.issued == !(how & 4) && levels.refused == !!(how & 4));
    irq_levels_shared(&levels, &line, how & 8);
    irq_levels_trigger(&levels, &line, how & 16);
    irq_levels_vcpu_init(&levels, line.vcpu);
    irq_levels_forget(&levels);
    CHECK(irq_levels_get(&levels, &line) == IRQ_LEVEL_UNKNOWN);
    CHECK(irq_levels_look(&levels, &line, how & 32) == IRQ_LEVEL_ISSUE);
    free(storage);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const actions[])(Input *) = {
        try_word, try_line, try_storage, try_levels,
    };
    Input in = { data, data + size };

    for (unsigned i = 0; i < ACTIONS && !input_empty(&in); i++) {
        actions[input_byte(&in) & 3](&in);
    }
    return 0;
}
