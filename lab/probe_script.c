/*
 * lab/probe_script.c - the text of a probe becomes operations.
 *
 * Source: docs/probe.md.  One operation a line, words between blanks, `#` starts a comment.
 */
#include <stdlib.h>
#include <string.h>

#include "lab/core/text.h"
#include "lab/probe.h"

enum { WORDS_MAX = 8, OFFSET_MAX = 0x10000000 };

struct word {
    const char *at;
    size_t length;
};

struct parser {
    const struct lab_probe_machine *machine;
    struct lab_diags *diags;
    struct lab_probe_script *script;
    uint32_t room;
    struct word name[LAB_PROBE_NAMES];
    unsigned names;

    uint32_t line; /* the one under way */
    const char *start, *end;
    struct word word[WORDS_MAX];
    unsigned words; /* of the line, more than WORDS_MAX are counted but not kept */
    unsigned next;  /* the word that is looked at next */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is(struct word word, const char *text)
{
    return lab_text_is(text, word.at, word.length);
}

/* ---- errors ---- */

static struct lab_span span_of(const struct parser *p, struct word word)
{
    return (struct lab_span){
        .offset = (uint32_t)(word.at - p->diags->text),
        .line = p->line,
        .column = (uint32_t)(word.at - p->start + 1),
        .length = (uint32_t)word.length,
    };
}

/* The next word, or the place behind the line where one is missing. */
static struct word here(const struct parser *p)
{
    if (p->next < p->words && p->next < WORDS_MAX)
        return p->word[p->next];
    return (struct word){p->end, 1};
}

static struct lab_diag *wrong(struct parser *p, struct word word, const char *message)
{
    return lab_report(p->diags, span_of(p, word), "%s", message);
}

/* "unknown WHAT 'x'" with the nearest of @names and all of them; stops at the first null. */
static bool unknown(struct parser *p, struct word word, const char *what,
                    const char *const *names)
{
    struct lab_near near = {0};
    struct lab_diag *diag =
        lab_report(p->diags, span_of(p, word), "unknown %s '%t'", what, word.at, word.length);

    for (unsigned i = 0; names[i]; i++)
        lab_near_try(&near, word.at, word.length, names[i]);
    lab_near_hint(diag, &near);
    for (unsigned i = 0; names[i]; i++)
        lab_note(diag, i ? ", %s" : "one of: %s", names[i]);
    return false;
}

static bool expected(struct parser *p, const char *what)
{
    struct word word = here(p);

    if (p->next < p->words)
        lab_report(p->diags, span_of(p, word), "expected %s, not '%t'", what, word.at,
                   word.length);
    else
        lab_report(p->diags, span_of(p, word), "expected %s at the end of the line", what);
    return false;
}

/* ---- words ---- */

/* Splits the line without its comment; returns the end of what counts. */
static void split(struct parser *p, const char *stop)
{
    const char *at = p->start;

    p->words = p->next = 0;
    p->end = p->start;
    while (at < stop && *at != '#') {
        const char *from = at;
        while (at < stop && *at != '#' && !is_blank(*at))
            at++;
        if (at > from) {
            if (p->words < WORDS_MAX)
                p->word[p->words] = (struct word){from, (size_t)(at - from)};
            p->words++;
            p->end = at;
        }
        while (at < stop && is_blank(*at))
            at++;
    }
}

static bool number_of(struct word word, uint64_t *ret_value)
{
    bool hex = word.length > 2 && word.at[0] == '0' && word.at[1] == 'x';
    uint64_t value = 0;

    for (size_t i = hex ? 2 : 0; i < word.length; i++) {
        int digit = lab_char_hex(word.at[i]);
        if (digit < 0 || (!hex && digit > 9) || value >> 56)
            return false;
        value = value * (hex ? 16 : 10) + (unsigned)digit;
    }
    *ret_value = value;
    return word.length > 0;
}

static bool number(struct parser *p, const char *what, uint64_t most, uint64_t *ret_value)
{
    if (p->next >= p->words || p->next >= WORDS_MAX ||
        !number_of(p->word[p->next], ret_value) || *ret_value > most)
        return expected(p, what);
    p->next++;
    return true;
}

/* A name that an earlier operation has set, counted from 1; 0: none. */
static unsigned find_name(const struct parser *p, struct word word)
{
    for (unsigned i = 0; i < p->names; i++)
        if (p->name[i].length == word.length &&
            memcmp(p->name[i].at, word.at, word.length) == 0)
            return i + 1;
    return 0;
}

/* A VALUE: a number, or a name. */
static bool value(struct parser *p, struct lab_probe_operation *op)
{
    uint64_t got;

    if (p->next < p->words && lab_char_is_letter(p->word[p->next].at[0])) {
        op->from = (uint8_t)find_name(p, p->word[p->next]);
        if (!op->from) {
            wrong(p, p->word[p->next], "no operation above sets this name");
            return false;
        }
        p->next++;
        return true;
    }
    if (!number(p, "a value: 0 to 0xffffffff, or a name that was set", UINT32_MAX, &got))
        return false;
    op->value = (uint32_t)got;
    return true;
}

/* `= NAME`, if it is there. */
static bool assignment(struct parser *p, struct lab_probe_operation *op)
{
    if (p->next >= p->words || p->next + 1 >= WORDS_MAX || !is(p->word[p->next], "="))
        return true;
    p->next++;
    struct word word = here(p);
    if (p->next >= p->words || !lab_char_is_letter(word.at[0]))
        return expected(p, "a name");
    op->to = (uint8_t)find_name(p, word);
    if (!op->to) {
        if (p->names == LAB_PROBE_NAMES) {
            wrong(p, word, "too many names: a script has at most 64");
            return false;
        }
        p->name[p->names++] = word;
        op->to = (uint8_t)p->names;
    }
    p->next++;
    return true;
}

/* ---- operations ---- */

static bool region(struct parser *p, struct lab_probe_operation *op)
{
    const char *names[LAB_PROBE_REGIONS + 1] = {0};
    struct word word = here(p);
    uint64_t offset;

    for (unsigned i = 0; i < LAB_PROBE_REGIONS && p->machine->region[i].name; i++)
        names[i] = p->machine->region[i].name;
    if (p->next >= p->words)
        return expected(p, "a region");
    for (unsigned i = 0; names[i]; i++)
        if (is(word, names[i])) {
            p->next++;
            if (!number(p, "an offset", OFFSET_MAX, &offset))
                return false;
            op->address = p->machine->region[i].base + (uint32_t)offset;
            op->reach = p->machine->region[i].reach;
            return true;
        }
    return unknown(p, word, "region", names);
}

static bool bus(struct parser *p, struct lab_probe_operation *op, bool write, unsigned size)
{
    op->kind = write ? LAB_PROBE_WRITE : LAB_PROBE_READ;
    op->size = (uint8_t)size;
    return region(p, op) && (write ? value(p, op) : assignment(p, op));
}

static bool pin(struct parser *p, struct lab_probe_operation *op,
                const struct lab_probe_chip *chip)
{
    struct word word = here(p);
    uint64_t got;

    if (!number(p, "a pin", UINT16_MAX, &got))
        return false;
    if (got >= chip->pins || got - chip->hole_first < chip->hole_pins) {
        struct lab_diag *diag = lab_report(p->diags, span_of(p, word), "%s has no pin %i",
                                           chip->name, (int64_t)got);
        if (chip->hole_pins)
            lab_note(diag, "pins 0 to %i and %i to %i", (int64_t)chip->hole_first - 1,
                     (int64_t)chip->hole_first + chip->hole_pins, (int64_t)chip->pins - 1);
        else
            lab_note(diag, "pins 0 to %i", (int64_t)chip->pins - 1);
        return false;
    }
    op->pin = (uint16_t)got;
    return true;
}

static bool level(struct parser *p, struct lab_probe_operation *op)
{
    const char *names[LAB_PROBE_CHIPS + 1] = {0};
    struct word word = here(p);
    uint64_t got;

    op->kind = LAB_PROBE_LEVEL;
    for (unsigned i = 0; i < LAB_PROBE_CHIPS && p->machine->chip[i].name; i++)
        names[i] = p->machine->chip[i].name;
    if (p->next >= p->words)
        return expected(p, "a chip");
    for (unsigned i = 0; names[i]; i++)
        if (is(word, names[i])) {
            p->next++;
            op->chip = (uint8_t)i;
            if (!pin(p, op, &p->machine->chip[i]) || !number(p, "a level: 0 or 1", 1, &got))
                return false;
            op->level = got == 1;
            return true;
        }
    return unknown(p, word, "chip", names);
}

static bool system_register(struct parser *p, struct lab_probe_operation *op)
{
    const struct sim_chip *chip =
        sim_chip((enum sim_machine)p->machine->machine, p->machine->registers - 1u);
    const char *names[64] = {0};
    struct word word = here(p);

    for (unsigned i = 0; i < chip->count && i < 63; i++)
        names[i] = chip->registers[i].name;
    if (p->next >= p->words)
        return expected(p, "a register");
    for (unsigned i = 0; names[i]; i++)
        if (is(word, names[i])) {
            op->pin = (uint16_t)chip->registers[i].offset;
            p->next++;
            return true;
        }
    return unknown(p, word, "register", names);
}

static bool cpu(struct parser *p, struct lab_probe_operation *op)
{
    const char *names[LAB_PROBE_VERBS + 1] = {0};
    struct word word = here(p);

    op->kind = LAB_PROBE_CPU;
    for (unsigned i = 0; i < LAB_PROBE_VERBS && p->machine->verb[i].name; i++)
        names[i] = p->machine->verb[i].name;
    if (!names[0]) {
        lab_report(p->diags, span_of(p, p->word[0]), "%s has no cpu verbs", p->machine->name);
        return false;
    }
    if (p->next >= p->words)
        return expected(p, "a verb");
    for (unsigned i = 0; names[i]; i++)
        if (is(word, names[i])) {
            const struct lab_probe_verb *verb = &p->machine->verb[i];
            p->next++;
            op->chip = (uint8_t)i;
            if (verb->reg && !system_register(p, op))
                return false;
            return verb->value ? value(p, op) : assignment(p, op);
        }
    return unknown(p, word, "verb", names);
}

/* `machine NAME` as the first line. */
static bool machine_line(struct parser *p, bool first)
{
    struct word word;

    p->next = 1;
    word = here(p);
    if (!first) {
        wrong(p, p->word[0], "`machine` stands in the first line only");
        return false;
    }
    if (p->words < 2)
        return expected(p, "a machine");
    if (!is(word, p->machine->name)) {
        lab_report(p->diags, span_of(p, word), "this script is for '%t', not for '%s'", word.at,
                   word.length, p->machine->name);
        return false;
    }
    p->next = 2;
    return p->next == p->words || expected(p, "the end of the line");
}

static bool operation(struct parser *p, struct lab_probe_operation *op)
{
    static const char *const names[] = {"w8",   "w16", "w32",  "r8",   "r16", "r32",
                                        "line", "cpu", "step", "note", 0};
    struct word word = p->word[0];
    unsigned i = 0;

    while (names[i] && !is(word, names[i]))
        i++;
    p->next = 1;
    if (i < 6)
        return bus(p, op, i < 3, 1u << i % 3);
    if (i == 6)
        return level(p, op);
    if (i == 7)
        return cpu(p, op);
    if (i == 8) {
        op->kind = LAB_PROBE_STEP;
        return number(p, "a time in ns", UINT64_MAX, &op->ns);
    }
    if (i == 9) {
        op->kind = LAB_PROBE_NOTE;
        p->next = p->words;
        return true;
    }
    return unknown(p, word, "operation", names);
}

/* Room for one operation more; false: no memory. */
static bool grow(struct parser *p)
{
    struct lab_probe_script *script = p->script;

    if (script->count < p->room)
        return true;
    uint32_t room = p->room ? p->room * 2 : 256;
    void *bigger = realloc(script->operation, room * sizeof(*script->operation));
    if (!bigger)
        return false;
    script->operation = bigger;
    p->room = room;
    return true;
}

static void parse_line(struct parser *p, bool first)
{
    struct lab_probe_operation op = {.line = p->line};

    if (is(p->word[0], "machine")) {
        machine_line(p, first);
        return;
    }
    op.text = p->word[0].at;
    op.length = (uint32_t)(p->end - op.text);
    if (!operation(p, &op))
        return;
    if (p->next < p->words) {
        expected(p, "the end of the line");
        return;
    }
    p->script->operation[p->script->count++] = op;
}

bool lab_probe_parse(const struct lab_probe_machine *machine, const char *file,
                     const char *text, size_t length, struct lab_diags *diags,
                     struct lab_probe_script *ret_script)
{
    struct parser p = {.machine = machine, .diags = diags, .script = ret_script};
    const char *at = text, *stop;
    bool first = true;

    *ret_script = (struct lab_probe_script){0};
    lab_diags_init(diags);
    diags->file_name = file;
    diags->text = text;
    diags->text_length = length;
    while (at < text + length) {
        stop = memchr(at, '\n', (size_t)(text + length - at));
        stop = stop ? stop : text + length;
        p.line++;
        p.start = at;
        split(&p, stop);
        if (p.words && !grow(&p))
            return false;
        if (p.words)
            parse_line(&p, first);
        first = first && !p.words;
        at = stop + 1;
    }
    return diags->reported == 0;
}
