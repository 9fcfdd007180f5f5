/*
 * lab/script.c - reading call scripts.
 *
 * The words are those of docs/language.md, "Task blocks"; only calls, no computation.
 */
#include "lab/script.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/core/names.h"
#include "lab/script_shape.h"

/* A line being read. */
struct reader {
    struct lab_script *script;
    struct lab_script_error *error;
    const char *text, *at;
    struct lab_script_op *op;
    bool failed;
};

static bool fail(struct reader *r, const char *format, ...)
{
    va_list list;

    if (r->failed)
        return false;
    r->failed = true;
    r->error->column = (unsigned)(r->at - r->text) + 1;
    va_start(list, format);
    vsnprintf(r->error->text, sizeof(r->error->text), format, list);
    va_end(list);
    return false;
}

/* ---- words ---- */

static void blanks(struct reader *r)
{
    while (*r->at == ' ')
        r->at++;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The length of the name that begins here, 0: none. */
static size_t name_here(struct reader *r)
{
    size_t n = 0;

    blanks(r);
    if (!is_letter(*r->at))
        return 0;
    while (is_letter(r->at[n]) || is_digit(r->at[n]))
        n++;
    return n;
}

static bool next_is(struct reader *r, const char *word)
{
    blanks(r);
    return strncmp(r->at, word, strlen(word)) == 0;
}

static bool take(struct reader *r, const char *word)
{
    if (!next_is(r, word))
        return false;
    r->at += strlen(word);
    return true;
}

static bool expect(struct reader *r, const char *word)
{
    return take(r, word) || fail(r, "expected '%s'", word);
}

/* The variable called so, made if it is new; 1 + its number, 0 if there is no room. */
static unsigned variable(struct reader *r, const char *name, size_t length, bool make)
{
    struct lab_script *script = r->script;

    for (unsigned i = 0; i < script->vars; i++)
        if (strlen(script->var_name[i]) == length &&
            memcmp(script->var_name[i], name, length) == 0)
            return i + 1;
    if (!make)
        return 0;
    if (script->vars == LAB_SCRIPT_VARS || length >= LAB_SCRIPT_NAME_BYTES) {
        fail(r, "too many variables, or too long a name");
        return 0;
    }
    memcpy(script->var_name[script->vars], name, length);
    script->var_name[script->vars][length] = '\0';
    return ++script->vars;
}

/* ---- values ---- */

struct value {
    int64_t number;
    uint8_t var; /* 1 + variable, then the number is none */
    bool read_only;
};

static bool unit_of(struct reader *r, int64_t *number)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};

    for (unsigned i = 0; i < 4; i++)
        if (strncmp(r->at, units[i].name, strlen(units[i].name)) == 0) {
            r->at += strlen(units[i].name);
            *number *= units[i].ns;
            return true;
        }
    return false;
}

static bool read_number(struct reader *r, int64_t *ret_number)
{
    bool negative = take(r, "-");
    char *end;
    unsigned long long number = strtoull(r->at, &end, 0);

    if (!is_digit(*r->at))
        return fail(r, "expected a number, a name or a flag");
    r->at = end;
    *ret_number = (int64_t)number;
    unit_of(r, ret_number);
    if (negative)
        *ret_number = -*ret_number;
    return true;
}

static bool read_simple(struct reader *r, struct value *value)
{
    size_t n = name_here(r);
    int64_t number = 0;

    if (!n) {
        if (!read_number(r, &number))
            return false;
    } else if (lab_find_flag(r->at, n, &number)) {
        value->read_only |= n == 8 && memcmp(r->at, "O_RDONLY", 8) == 0;
        r->at += n;
    } else {
        value->var = (uint8_t)variable(r, r->at, n, false);
        if (!value->var)
            return fail(r, "no variable and no flag '%.*s'", (int)n, r->at);
        r->at += n;
        return true;
    }
    value->number |= number;
    return true;
}

static bool read_value(struct reader *r, struct value *ret_value)
{
    *ret_value = (struct value){0};
    do {
        if (!read_simple(r, ret_value))
            return false;
    } while (!ret_value->var && !next_is(r, "||") && take(r, "|"));
    return true;
}

static bool put(struct reader *r, struct value value)
{
    struct lab_script_op *op = r->op;

    if (op->argc == LAB_OP_ARGS)
        return fail(r, "too many values in one call");
    op->var[op->argc] = value.var;
    op->arg[op->argc++] = value.var ? 0 : value.number;
    return true;
}

static bool put_number(struct reader *r, int64_t number)
{
    return put(r, (struct value){.number = number});
}

/* ---- arguments ---- */

/* A string's bytes, or values; their number comes first. */
static bool read_bytes(struct reader *r)
{
    unsigned at = r->op->argc;
    struct value value;

    if (!put_number(r, 0))
        return false;
    if (take(r, "\"")) {
        while (*r->at && *r->at != '"')
            if (!put_number(r, (uint8_t)*r->at++))
                return false;
        if (!expect(r, "\""))
            return false;
    } else {
        do {
            if (!read_value(r, &value) || !put(r, value))
                return false;
        } while (take(r, ","));
    }
    r->op->arg[at] = r->op->argc - (int64_t)at - 1;
    return true;
}

/* {fd, fd}: how many, then each. */
static bool read_set(struct reader *r)
{
    unsigned at = r->op->argc;
    struct value value;

    if (!put_number(r, 0) || !expect(r, "{"))
        return false;
    while (!next_is(r, "}")) {
        if (!read_value(r, &value) || !put(r, value))
            return false;
        if (!take(r, ","))
            break;
    }
    r->op->arg[at] = r->op->argc - (int64_t)at - 1;
    return expect(r, "}");
}

/* {fd, EVENTS}, ...: how many, then each. */
static bool read_groups(struct reader *r)
{
    unsigned at = r->op->argc;
    struct value fd, events;

    if (!put_number(r, 0))
        return false;
    while (take(r, "{")) {
        if (!read_value(r, &fd) || !expect(r, ",") || !read_value(r, &events) ||
            !expect(r, "}") || !put(r, fd) || !put(r, events))
            return false;
        r->op->arg[at]++;
        if (!next_is(r, ",") || !take(r, ","))
            break;
    }
    return true;
}

/* What a request of io_uring begins with: its names are AIO's with other numbers. */
static bool read_uring_op(struct reader *r, struct value *ret_op)
{
    size_t n = name_here(r);

    *ret_op = (struct value){0};
    for (unsigned i = 0; i < lab_uring_ops; i++)
        if (strlen(lab_uring_op[i].name) == n && !strncmp(lab_uring_op[i].name, r->at, n)) {
            ret_op->number = lab_uring_op[i].number;
            r->at += n;
            return true;
        }
    return fail(r, "expected an operation of io_uring");
}

/* {OP, ...}, ...: how many, then @parts values each; what is left out is 0, an eventfd -1. */
static bool read_requests(struct reader *r, unsigned parts)
{
    unsigned at = r->op->argc;
    struct value value;

    if (!put_number(r, 0))
        return false;
    while (take(r, "{")) {
        if (parts == LAB_URING_PARTS ? !read_uring_op(r, &value) : !read_value(r, &value))
            return false;
        for (unsigned i = 0; i < parts; i++) {
            if (!put(r, value))
                return false;
            value = (struct value){.number = i + 2 == LAB_AIO_PARTS ? -1 : 0};
            if (i + 1 < parts && take(r, ",") && !read_value(r, &value))
                return false;
        }
        if (!expect(r, "}"))
            return false;
        r->op->arg[at]++;
        if (!take(r, ","))
            break;
    }
    return true;
}

static bool read_out(struct reader *r, unsigned *outs)
{
    size_t n = name_here(r);

    if (!n)
        return fail(r, "expected the name of a variable");
    r->op->out[*outs] = (uint8_t)variable(r, r->at, n, true);
    (*outs)++;
    r->at += n;
    return !r->failed;
}

/* The name of a file, made as one of @kind if it is new (FREE: it must be there). */
static bool read_file_name(struct reader *r, enum drv_file_kind kind)
{
    struct lab_script *script = r->script;
    size_t n = name_here(r);
    unsigned i = 0;

    while (i < script->files &&
           (strlen(script->file[i].name) != n || strncmp(script->file[i].name, r->at, n) != 0))
        i++;
    if (i == script->files &&
        (kind == DRV_FILE_FREE || !n || n >= LAB_SCRIPT_NAME_BYTES || i == LAB_SCRIPT_FILES))
        return fail(r, "expected the name of a file; a line 'file NAME = \"...\"' makes one");
    if (i == script->files) {
        script->file[i].kind = (uint8_t)kind;
        memcpy(script->file[i].name, r->at, n);
        script->files++;
    }
    r->at += n;
    return put_number(r, i);
}

/* {SIG, SIG}: one bit for each. */
static bool read_signals(struct reader *r)
{
    struct value value;
    uint64_t mask = 0;

    if (!expect(r, "{"))
        return false;
    while (!next_is(r, "}")) {
        if (!read_value(r, &value) || value.var || value.number < 1 || value.number > 64)
            return fail(r, "expected the name of a signal");
        mask |= 1ull << (value.number - 1);
        if (!take(r, ","))
            break;
    }
    return expect(r, "}") && put_number(r, (int64_t)mask);
}

/* What an argument that is left out is. */
static bool put_default(struct reader *r, char form, const struct lab_shape *shape)
{
    static const int64_t most = 16;

    switch (form) {
    case 'd':
        return put_number(r, shape->otherwise);
    case 'T':
        return put_number(r, -1);
    case 'm':
        return put_number(r, most);
    case 'D': /* the data of an entry is its descriptor */
        return put(r, (struct value){.number = r->op->arg[2], .var = r->op->var[2]});
    case 'n':
        return true;
    default:
        return fail(r, "%s() needs more arguments", shape->name);
    }
}

static bool read_argument(struct reader *r, char form, unsigned *outs)
{
    struct value value;

    switch (form) {
    case 'O':
        return read_out(r, outs);
    case 'b':
        return read_bytes(r);
    case 'P':
        return read_groups(r);
    case 'S':
        return read_set(r);
    case 'F':
        return read_file_name(r, DRV_FILE_FREE);
    case 'N':
        return read_file_name(r, DRV_FILE_NAME);
    case 'Q':
        return read_file_name(r, DRV_FILE_FIFO);
    case 'g':
        return read_signals(r);
    case 'A':
        return read_requests(r, LAB_AIO_PARTS);
    case 'R':
        return read_requests(r, LAB_URING_PARTS);
    case 'p':
        if (next_is(r, "self")) {
            r->at += strlen("self");
            return put_number(r, DRV_PID_FIRST);
        }
        return read_value(r, &value) && put(r, value);
    default:
        if (!read_value(r, &value))
            return false;
        if (value.read_only && r->op->nr == DRV_NR_OPEN && !(value.number & DRV_O_ACCMODE))
            value.number |= DRV_O_RDONLY_SAID;
        return put(r, value);
    }
}

static bool read_arguments(struct reader *r, const struct lab_shape *shape)
{
    unsigned outs = 0;
    bool first = true, comma;

    for (const char *form = shape->form; *form; form++) {
        bool missing = next_is(r, ")");
        if (*form == '0') {
            if (!put_number(r, 0))
                return false;
            continue;
        }
        if (missing && *form != 'P') {
            if (!put_default(r, *form, shape))
                return false;
            continue;
        }
        /* poll({...}, ..., timeout): the groups took the comma already */
        comma = first || (form > shape->form && strchr("PR", form[-1]) && r->at[-1] != '}') ||
                take(r, ",");
        if (!comma)
            return fail(r, "expected ',' or ')'");
        first = false;
        if (!read_argument(r, *form, &outs))
            return false;
    }
    return expect(r, ")");
}

/* ---- lines ---- */

static bool read_call(struct reader *r)
{
    size_t n = name_here(r);
    const struct lab_shape *shape;

    if (n && r->at[n + strspn(r->at + n, " ")] == '=') {
        r->op->result = (uint8_t)variable(r, r->at, n, true);
        r->at += n;
        take(r, "=");
        n = name_here(r);
    }
    shape = lab_shape_named(r->at, n);
    if (!n || !shape)
        return fail(r, "scripts have no call '%.*s'", (int)n, r->at);
    r->op->nr = shape->nr;
    r->op->blind = shape->blind;
    r->at += n;
    return expect(r, "(") && read_arguments(r, shape);
}

static bool read_file(struct reader *r)
{
    struct lab_script_file *file = &r->script->file[r->script->files];
    size_t n = name_here(r);

    if (r->script->files == LAB_SCRIPT_FILES || !n || n >= LAB_SCRIPT_NAME_BYTES)
        return fail(r, "expected a name; there may be %d files", LAB_SCRIPT_FILES);
    *file = (struct lab_script_file){.kind = DRV_FILE_REGULAR};
    memcpy(file->name, r->at, n);
    r->at += n;
    if (!expect(r, "=") || !expect(r, "\""))
        return false;
    for (; *r->at && *r->at != '"' && file->size < LAB_SCRIPT_FILE_BYTES; r->at++)
        file->content[file->size++] = (uint8_t)*r->at;
    if (!expect(r, "\""))
        return false;
    r->script->files++;
    return true;
}

/* N x CALL */
static bool read_times(struct reader *r)
{
    char *end;

    r->op->times = (uint16_t)strtoul(r->at, &end, 10);
    r->at = end;
    return r->op->times && take(r, "x ") ? true : fail(r, "expected 'N x CALL'");
}

static bool is_task(const struct reader *r)
{
    return r->at[0] >= 'a' && r->at[0] < 'a' + LAB_SCRIPT_TASKS && r->at[1] == ':';
}

bool lab_script_line(struct lab_script *script, const char *text, unsigned line,
                     const char **ret_rest, struct lab_script_error *error)
{
    struct lab_script_op op = {.line = (uint16_t)line};
    struct reader r = {.script = script, .error = error, .text = text, .at = text, .op = &op};

    error->line = line;
    blanks(&r);
    *ret_rest = "";
    if (!*r.at || *r.at == '#')
        return true;
    if (take(&r, "file "))
        return read_file(&r);
    if (script->ops == LAB_SCRIPT_OPS)
        return fail(&r, "a script has at most %d lines", LAB_SCRIPT_OPS);
    if (is_task(&r)) {
        op.task = (uint8_t)(r.at[0] - 'a');
        r.at += 2;
        blanks(&r);
    }
    if (is_digit(*r.at) && !read_times(&r))
        return false;
    if (!read_call(&r) || r.failed)
        return false;
    for (unsigned i = script->ops; i && script->op[i - 1].beside; i--)
        if (script->op[i - 1].task == op.task)
            return fail(&r, "lines that begin together are of different tasks");
    for (unsigned i = 0; op.nr == LAB_OP_FORK && (!op.task || i < script->ops); i++)
        if (!op.task || script->op[i].task == op.task)
            return fail(&r, "fork() is the first line of another task than a");
    op.beside = take(&r, "||");
    if (op.task >= script->tasks)
        script->tasks = (uint8_t)(op.task + 1);
    script->op[script->ops++] = op;
    blanks(&r);
    if (*r.at != '#')
        *ret_rest = r.at;
    return true;
}
