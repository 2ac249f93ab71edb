/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzz targets share: the bytes of an input, taken one by one, and a
 * check that ends the run with its own words. With FUZZ_TRACE set in the
 * environment each action is printed before it is done.
 */
#ifndef FUZZ_H
#define FUZZ_H

typedef struct Input {
    const uint8_t *next, *end;
} Input;

static inline bool input_empty(const Input *in)
{
    return in->next == in->end;
}

/* 0 where the input is at its end */
static inline uint8_t input_byte(Input *in)
{
    return input_empty(in) ? 0 : *in->next++;
}

#define CHECK(what)                                                     \
    do {                                                                \
        if (!(what)) {                                                  \
            fprintf(stderr, "%s:%d: %s: violated: %s\n", __FILE__,      \
                    __LINE__, __func__, #what);                         \
            abort();                                                    \
        }                                                               \
    } while (0)

static inline bool fuzz_trace(void)
{
    static int on = -1;

    if (on < 0) {
        on = getenv("FUZZ_TRACE") != NULL;
    }
    return on;
}

#define TRACE(...)                                                      \
    do {                                                                \
        if (fuzz_trace()) {                                             \
            fprintf(stderr, __VA_ARGS__);                               \
        }                                                               \
    } while (0)

/* libFuzzer calls this, once for each input */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* FUZZ_H */
