/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The set of states that were reached.
 */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include "store.h"

#define RESERVED ((size_t)1 << 36)      /* address space, not memory */

/* Items of one size, each once, and where to look for them */
typedef struct Pool {
    size_t size;
    uint8_t *items;
    uint32_t n;
    uint32_t *slots;            /* number + 1; 0: free */
    uint32_t n_slots;           /* a power of 2 */
} Pool;

enum { POOL_STATE, POOL_PIC, POOL_SHARED, POOL_GLOBAL, POOL_KVM, POOL_CPU,
       POOLS };

static Pool pools[POOLS] = {
    [POOL_STATE] = { .size = sizeof(State) },
    [POOL_PIC] = { .size = sizeof(Pic) },
    [POOL_SHARED] = { .size = sizeof(Shared) },
    [POOL_GLOBAL] = { .size = sizeof(Global) },
    [POOL_KVM] = { .size = sizeof(KVMModelVCPU) },
    [POOL_CPU] = { .size = sizeof(Cpu) },
};

/* Each part of the world and its pool */
static const struct {
    uint8_t pool;
    size_t offset;
} parts[PARTS] = {
    { POOL_PIC, offsetof(World, pic) },
    { POOL_SHARED, offsetof(World, s) },
    { POOL_GLOBAL, offsetof(World, g) },
    { POOL_KVM, offsetof(World, k[0]) },
    { POOL_KVM, offsetof(World, k[1]) },
    { POOL_CPU, offsetof(World, cpu[0]) },
    { POOL_CPU, offsetof(World, cpu[1]) },
};

static void *reserve(void)
{
    void *p = mmap(NULL, RESERVED, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    return p;
}

void store_init(void)
{
    for (unsigned i = 0; i < POOLS; i++) {
        pools[i].items = reserve();
    }
}

void store_clear(void)
{
    for (unsigned i = 0; i < POOLS; i++) {
        Pool *p = &pools[i];

        madvise(p->items, p->n * p->size, MADV_DONTNEED);
        free(p->slots);
        p->n = 0;
        p->n_slots = 1 << 10;
        p->slots = calloc(p->n_slots, sizeof(*p->slots));
    }
}

static uint32_t hash(const void *item, size_t size)
{
    const uint8_t *p = item;
    uint64_t h = size * UINT64_C(0x9e3779b97f4a7c15);

    for (; size >= 8; p += 8, size -= 8) {
        uint64_t val;

        memcpy(&val, p, 8);
        h = (h ^ val) * UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 32;
    }
    for (; size; p++, size--) {
        h = (h ^ *p) * UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 32;
    }
    return (uint32_t)(h ^ h >> 29);
}

static void grow(Pool *p)
{
    uint32_t mask = p->n_slots * 2 - 1;

    free(p->slots);
    p->n_slots *= 2;
    p->slots = calloc(p->n_slots, sizeof(*p->slots));
    if (!p->slots) {
        perror("calloc");
        exit(2);
    }
    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t slot = hash(p->items + i * p->size, p->size) & mask;

        while (p->slots[slot]) {
            slot = (slot + 1) & mask;
        }
        p->slots[slot] = i + 1;
    }
}

static uint32_t pool_put(Pool *p, const void *item, bool *is_new)
{
    uint32_t mask = p->n_slots - 1;
    uint32_t slot = hash(item, p->size) & mask;

    for (; p->slots[slot]; slot = (slot + 1) & mask) {
        uint32_t i = p->slots[slot] - 1;

        if (!memcmp(p->items + i * p->size, item, p->size)) {
            *is_new = false;
            return i;
        }
    }
    *is_new = true;
    memcpy(p->items + p->n * p->size, item, p->size);
    p->slots[slot] = ++p->n;
    if (p->n > p->n_slots / 4 * 3) {
        grow(p);
    }
    return p->n - 1;
}

/* Parts that a step has left alone are not looked for again */
static State last;

uint32_t store_put(bool *is_new)
{
    State s;

    for (unsigned i = 0; i < PARTS; i++) {
        const uint8_t *item = (const uint8_t *)&w + parts[i].offset;
        Pool *p = &pools[parts[i].pool];
        bool part_is_new;

        if (last.part[i] < p->n &&
            !memcmp(p->items + last.part[i] * p->size, item, p->size)) {
            s.part[i] = last.part[i];
        } else {
            s.part[i] = pool_put(p, item, &part_is_new);
        }
    }
    return pool_put(&pools[POOL_STATE], &s, is_new);
}

void store_get(uint32_t n, World *to)
{
    memcpy(&last, pools[POOL_STATE].items + n * sizeof(last), sizeof(last));
    for (unsigned i = 0; i < PARTS; i++) {
        const Pool *p = &pools[parts[i].pool];

        memcpy((uint8_t *)to + parts[i].offset,
               p->items + last.part[i] * p->size, p->size);
    }
}

uint32_t store_count(void)
{
    return pools[POOL_STATE].n;
}

void store_tell(void)
{
    fprintf(stderr, "parts: PIC %u, shared %u, global %u, KVM %u, vCPU %u\n",
            pools[POOL_PIC].n, pools[POOL_SHARED].n, pools[POOL_GLOBAL].n,
            pools[POOL_KVM].n, pools[POOL_CPU].n);
}

size_t store_bytes(void)
{
    size_t sum = 0;

    for (unsigned i = 0; i < POOLS; i++) {
        sum += pools[i].n * pools[i].size +
               pools[i].n_slots * sizeof(*pools[i].slots);
    }
    return sum;
}
