/*
 * lab/core/lab_check_tokens.c - the token table.
 *
 * Source: docs/language.md, "Tokens".
 *
 * Ids are given in the order of the text. Two passes over everything that sends do it: the
 * first counts how many numbers each name needs, so that the names which a task writes in a
 * loop can share what the others leave free.
 */
#include "lab/core/check_internal.h"
#include "lab/core/scenario.h"
#include "lab/core/text.h"

enum {
    FIRST_BYTE = 0x80 /* of tokens that are no letters; after 0xff comes 0x01 */
};

/* ---- names and numbers ---- */

static void too_many(struct checker *c, lab_node_id node)
{
    if (!c->tokens_full) {
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, node), "too many tokens (at most %i)",
                       (int64_t)LAB_TOKENS_MAX);

        for (unsigned i = 0; i < c->s->device_count; i++) {
            if (lab_model_is_timer(c->s->devices[i].model)) {
                lab_note(diag, "timers take %i each: see limit ticks",
                         (int64_t)c->s->limit_ticks);
                break;
            }
        }
    }
    c->tokens_full = true;
}

static struct token_family *find_family(struct checker *c, lab_name_id name,
                                        const struct token_sender *from)
{
    struct token_family *family = NULL;

    for (unsigned i = 0; i < c->family_count; i++) {
        if (c->family[i].name == name) {
            return &c->family[i];
        }
    }
    if (c->family_count == LAB_TOKENS_MAX) {
        if (!c->counting) {
            too_many(c, from->node);
        }
        return NULL;
    }
    family = &c->family[c->family_count++];
    memset(family, 0, sizeof *family);
    family->name = name;
    family->node = from->node;
    family->actor_kind = from->kind;
    family->actor = from->actor;
    return family;
}

/* The name followed by a number. */
static lab_name_id append_number(struct checker *c, lab_name_id name, unsigned number)
{
    char text[LAB_NAME_MAX + 8];
    size_t used = lab_name_length(c->s, name);
    char digits[4];
    size_t at = sizeof digits;

    memcpy(text, lab_name(c->s, name), used);
    for (; number > 0; number /= 10) {
        digits[--at] = (char)('0' + number % 10);
    }
    memcpy(text + used, digits + at, sizeof digits - at);
    return lab_intern(c->s, text, used + sizeof digits - at);
}

/* NAME, NAME2, NAME3 … */
static lab_name_id number_name(struct checker *c, lab_name_id name, unsigned number)
{
    return number == 1 ? name : append_number(c, name, number);
}

static uint8_t add_token(struct checker *c, lab_name_id name, int byte,
                         const struct token_sender *from, unsigned reserved)
{
    struct lab_scenario *s = c->s;
    struct lab_token *token = NULL;
    int old = lab_check_find_token(c, name);

    if (old >= 0) {
        struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, from->node),
                                           "the token '%s' exists already", lab_name(s, name));

        lab_also(diag, lab_check_span(c, s->tokens[old].node),
                 "a name sent again is numbered: x, x2, x3");
        return (uint8_t)old;
    }
    if (s->token_count == LAB_TOKENS_MAX || name == 0) {
        too_many(c, from->node);
        return 0;
    }
    token = &s->tokens[++s->token_count];
    memset(token, 0, sizeof *token);
    token->name = name;
    token->actor_kind = from->kind;
    token->actor = from->actor;
    token->device = from->device;
    token->node = from->node;
    token->reserved = (uint16_t)reserved;
    if (byte >= 0) {
        token->byte = (uint8_t)byte;
    } else {
        token->byte = (uint8_t)(c->next_byte);
        c->next_byte = c->next_byte == 0xff ? 1 : c->next_byte + 1;
    }
    return (uint8_t)s->token_count;
}

static void reserve(struct checker *c, struct token_family *family, int byte,
                    const struct token_sender *from)
{
    for (unsigned i = 0; i < family->reserved; i++) {
        uint8_t id = add_token(c, number_name(c, family->name, i + 1), byte, from,
                               i == 0 ? family->reserved : 0);

        family->first = i == 0 ? id : family->first;
    }
}

/* One sending of a name: its token id; 0 while counting or when the table is full. */
static uint8_t send_one(struct checker *c, lab_name_id name, int byte,
                        const struct token_sender *from)
{
    struct token_family *family = find_family(c, name, from);

    if (family == NULL) {
        return 0;
    }
    if ((family->actor_kind != from->kind || family->actor != from->actor) && !family->told) {
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, from->node),
                       "the token '%s' is sent by two actors", lab_name(c->s, name));

        lab_also(diag, lab_check_span(c, family->node), "the other one");
        lab_note(diag, "give the tokens of each actor names of their own");
        family->told = true;
    }
    if (c->counting) {
        family->looped = family->looped || from->looped;
        family->count++;
        c->demand++;
        return 0;
    }
    family->count++;
    if (!family->looped) {
        return add_token(c, number_name(c, name, family->count), byte, from, 1);
    }
    if (family->first == 0) {
        reserve(c, family, byte, from);
    }
    return (uint8_t)family->first;
}

/* A letter of a string is a token of its own name, other bytes are _HH. */
static lab_name_id letter_name(struct checker *c, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";
    char text[3] = {(char)byte, '\0', '\0'};

    if (lab_char_is_letter(text[0]) && text[0] != '_') {
        return lab_intern(c->s, text, 1);
    }
    text[0] = '_';
    text[1] = hex[byte >> 4];
    text[2] = hex[byte & 15];
    return lab_intern(c->s, text, 3);
}

static void note_sent(struct checker *c, lab_node_id node, uint8_t token)
{
    struct lab_scenario *s = c->s;

    if (c->counting || token == 0) {
        return;
    }
    if (s->sent_count == LAB_SENT_MAX) {
        too_many(c, node);
        return;
    }
    s->sent[s->sent_count++] = token;
}

/* ---- tasks ---- */

void lab_check_send(struct checker *c, lab_node_id arg, struct token_sender *from)
{
    struct lab_scenario *s = c->s;
    uint16_t first = s->sent_count;

    from->node = arg;
    if (s->nodes[arg].kind == LAB_N_STR) {
        const char *text = lab_name(s, s->nodes[arg].name);
        uint32_t length = lab_name_length(s, s->nodes[arg].name);

        for (uint32_t i = 0; i < length && !c->tokens_full; i++) {
            /* Interning may not move the bytes: they never move. */
            unsigned char byte = (unsigned char)text[i];

            note_sent(c, arg, send_one(c, letter_name(c, byte), byte, from));
        }
    } else {
        note_sent(c, arg, send_one(c, s->nodes[arg].name, -1, from));
    }
    if (!c->counting) {
        lab_check_set(c, arg, LAB_ROLE_TOKENS, (unsigned)(s->sent_count - first), first);
    }
}

static void task_call(struct checker *c, lab_node_id call, bool looped)
{
    struct lab_scenario *s = c->s;
    lab_node_id callee = s->nodes[call].first, first = s->nodes[callee].next;
    struct token_sender from = {0, LAB_ACTOR_TASK, c->at.task, 0, looped};
    int syscall = s->nodes[callee].kind == LAB_N_NAME
                      ? lab_find_syscall(check_name(c, callee), check_length(c, callee))
                      : -1;

    if ((syscall != LAB_SYS_WRITE && syscall != LAB_SYS_CONNECT) || first == 0) {
        return;
    }
    for (lab_node_id arg = s->nodes[first].next; arg != 0; arg = s->nodes[arg].next) {
        if (s->nodes[arg].kind == LAB_N_STR || lab_check_is_token(c, arg)) {
            lab_check_send(c, arg, &from);
        }
    }
}

static bool is_loop(unsigned kind)
{
    return kind == LAB_N_WHILE || kind == LAB_N_DO || kind == LAB_N_FOR ||
           kind == LAB_N_FOREACH || kind == LAB_N_ON || kind == LAB_N_TIMER ||
           kind == LAB_N_ASYNC;
}

/* All calls below a node, in the order of the text. The depth of the tree is bounded. */
static void task_code(struct checker *c, lab_node_id id, bool looped)
{
    const struct lab_node *node = check_node(c, id);
    bool saved = c->at.callback;

    looped = looped || is_loop(node->kind);
    c->at.callback = saved || node->kind == LAB_N_ON;
    if (node->kind == LAB_N_CALL) {
        task_call(c, id, looped);
    }
    for (lab_node_id k = node->first; k != 0; k = check_node(c, k)->next) {
        task_code(c, k, looped);
    }
    c->at.callback = saved;
}

static void task_tokens(struct checker *c, unsigned task)
{
    const struct lab_task *t = &c->s->tasks[task];
    uint16_t before = c->s->token_count;
    uint32_t demand = c->demand;

    c->at = lab_check_task_place(c, task);
    task_code(c, t->body, false);
    if (t->count > 1 && (c->s->token_count != before || c->demand != demand)) {
        for (unsigned i = 0; i < c->family_count; i++) {
            struct token_family *family = &c->family[i];

            if (family->actor_kind == LAB_ACTOR_TASK && family->actor == task &&
                !family->told) {
                struct lab_diag *diag =
                    lab_report(c->diags, lab_check_span(c, family->node),
                               "the token '%s' is sent by %i tasks",
                               lab_name(c->s, family->name), (int64_t)t->count);

                lab_note(diag, "one actor sends a name: write a task for each");
                family->told = true;
            }
        }
    }
}

/* ---- devices that make their own tokens ---- */

static void device_tokens(struct checker *c, lab_node_id declaration)
{
    struct lab_scenario *s = c->s;

    for (lab_node_id n = s->nodes[s->nodes[declaration].first].first; n != 0;
         n = s->nodes[n].next) {
        int device = lab_check_find_device(c, s->nodes[n].name);
        struct lab_device *d = device < 0 ? NULL : &s->devices[device];
        struct token_sender from = {n, LAB_ACTOR_DEVICE, (uint16_t)device,
                                    (uint16_t)(device + 1), false};
        uint32_t count = 0;

        if (d == NULL || d->node != n) {
            continue;
        }
        count = lab_model_is_timer(d->model)  ? s->limit_ticks
                : lab_model_is_disk(d->model) ? LAB_DISK_TOKENS
                                              : 0;
        for (uint32_t i = 1; i <= count && !c->tokens_full; i++) {
            if (c->counting) {
                c->demand++;
            } else {
                uint8_t id = add_token(c, append_number(c, d->name, i), -1, &from, 1);

                d->first_token = i == 1 ? id : d->first_token;
                d->token_count = (uint8_t)i;
            }
        }
    }
}

/* ---- both passes ---- */

/* Tokens of the task, loop or process of a declaration. What a process writes in `start` counts
 * as written by its first task. */
static void declared_tasks(struct checker *c, lab_node_id declaration)
{
    struct lab_scenario *s = c->s;
    bool started = false;

    for (unsigned i = 0; i < s->task_count; i++) {
        const struct lab_task *task = &s->tasks[i];
        const struct lab_process *process =
            task->process == 0 ? NULL : &s->processes[task->process - 1];

        if (process != NULL && process->node == declaration && !started) {
            started = true;
            c->at = lab_check_task_place(c, i);
            c->at.start = true;
            if (process->start != 0) {
                task_code(c, process->start, false);
            }
        }
        if (task->node == declaration || (process != NULL && process->node == declaration)) {
            task_tokens(c, i);
        }
    }
}

static void pass(struct checker *c)
{
    struct lab_scenario *s = c->s;

    s->world_count = 0;
    c->unrolled = 0;
    for (lab_node_id d = s->root; d != 0; d = s->nodes[d].next) {
        if (s->nodes[d].kind == LAB_N_DEVICE) {
            device_tokens(c, d);
        } else if (s->nodes[d].kind == LAB_N_WORLD) {
            lab_check_world(c, d);
        }
        declared_tasks(c, d);
    }
}

void lab_check_tokens(struct checker *c)
{
    uint32_t looped = 0, free_ids = 0;

    c->counting = true;
    pass(c);
    for (unsigned i = 0; i < c->family_count; i++) {
        looped += c->family[i].looped;
        c->demand -= c->family[i].looped ? c->family[i].count - 1u : 0;
    }
    free_ids = c->demand > LAB_TOKENS_MAX ? 0 : LAB_TOKENS_MAX - c->demand;
    for (unsigned i = 0; i < c->family_count; i++) {
        uint32_t more = looped == 0 ? 0 : free_ids / looped;

        if (c->family[i].looped) {
            c->family[i].reserved =
                (uint16_t)(more + 1 < LAB_LOOP_TOKENS ? more + 1 : LAB_LOOP_TOKENS);
        }
        c->family[i].count = 0;
    }
    c->counting = false;
    c->tokens_full = false;
    c->next_byte = FIRST_BYTE;
    pass(c);
}
