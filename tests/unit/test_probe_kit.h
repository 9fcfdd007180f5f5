/*
 * tests/unit/test_probe_kit.h - tests of chips written as the output of a probe: each line is
 * an operation, " -> ", and what it must answer.
 */
#ifndef TEST_PROBE_KIT_H
#define TEST_PROBE_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lab/probe.h"

/* The operations alone, for the parser. */
static inline char *operations_of(const char *lines)
{
    char *text = calloc(1, strlen(lines) + 2);
    size_t used = 0;

    for (const char *at = lines; text && *at;) {
        const char *end = at + strcspn(at, "\n");
        const char *arrow = strstr(at, " -> ");
        const char *stop = arrow && arrow < end ? arrow : end;
        memcpy(text + used, at, (size_t)(stop - at));
        used += (size_t)(stop - at);
        text[used++] = '\n';
        at = *end ? end + 1 : end;
    }
    return text;
}

/* Replays @lines on a fresh machine; every line must come out as it stands there. */
static inline void answers_as(const char *name, bool as_qemu, const char *lines)
{
    const struct lab_probe_machine *machine = lab_probe_find(name, strlen(name));
    struct lab_diags *diags = calloc(1, sizeof(*diags));
    struct lab_probe_script script;
    char *text = operations_of(lines);
    char line[LAB_PROBE_LINE];

    assert_non_null(machine);
    assert_non_null(text);
    if (!lab_probe_parse(machine, "test", text, strlen(text), diags, &script))
        fail_msg("%s", diags->item[0].message);
    struct lab_probe *probe = lab_probe_open(machine, as_qemu, 0);
    const char *at = lines;
    for (uint32_t i = 0; i < script.count; i++) {
        size_t length = strcspn(at, "\n");
        lab_probe_step(probe, &script.operation[i], line);
        if (strlen(line) != length || strncmp(line, at, length) != 0)
            fail_msg("%s\n   expected: %.*s", line, (int)length, at);
        at += length + (at[length] == '\n');
    }
    lab_probe_close(probe);
    free(script.operation);
    free(text);
    free(diags);
}

/* As the data sheet says. */
static inline void answers(const char *name, const char *lines)
{
    answers_as(name, false, lines);
}

#endif
