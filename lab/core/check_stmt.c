/*
 * lab/core/check_stmt.c - which statement may stand where.
 *
 * Source: docs/language.md, "Code" and "Loops".
 */
#include "lab/core/check_internal.h"
#include "lab/core/scenario.h"

static void check_stmt(struct checker *c, lab_node_id id);

static bool in_loop_task(const struct checker *c)
{
    return c->at.actor == CHECK_TASK && !c->at.start && c->s->tasks[c->at.task].is_loop;
}

static void only_in_loop(struct checker *c, lab_node_id id, const char *what)
{
    if (!in_loop_task(c)) {
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, id), "'%s' belongs in an event loop", what);

        lab_note(diag, "write: loop NAME { start { ... } on (fd, POLLIN) { ... } }");
    }
}

static void check_body(struct checker *c, lab_node_id body)
{
    c->at.loops++;
    check_stmt(c, body);
    c->at.loops--;
}

/* A callback: break and continue do not reach out of it. */
static void check_callback(struct checker *c, lab_node_id block, bool reports)
{
    struct check_place saved = c->at;

    c->at.callback = saved.callback || reports;
    c->at.loops = 0;
    check_stmt(c, block);
    c->at = saved;
}

static void check_children(struct checker *c, lab_node_id id)
{
    for (lab_node_id k = check_node(c, id)->first; k != 0; k = check_node(c, k)->next) {
        check_stmt(c, k);
    }
}

static void check_for(struct checker *c, lab_node_id id)
{
    lab_node_id part = check_node(c, id)->first;

    for (int i = 0; i < 3; i++) {
        lab_check_expr(c, part, CHECK_READ); /* NONE is silent */
        part = check_node(c, part)->next;
    }
    check_body(c, part);
}

static void check_foreach(struct checker *c, lab_node_id id)
{
    lab_node_id key = check_node(c, id)->first, value = check_node(c, key)->next;
    lab_node_id call = check_node(c, value)->next;
    const struct lab_node *node = check_node(c, call);
    unsigned ref;

    lab_check_expr(c, key, CHECK_WRITE);
    lab_check_expr(c, value, CHECK_WRITE);
    lab_check_expr(c, call, CHECK_READ);
    lab_check_feature(c, "foreach", id);
    ref = node->ref;
    if (node->kind != LAB_N_ERROR &&
        !(node->role == LAB_ROLE_SYSCALL &&
          (ref == LAB_SYS_POLL || ref == LAB_SYS_SELECT || ref == LAB_SYS_EPOLL_WAIT ||
           ref == LAB_SYS_EPOLL_PWAIT2 || ref == LAB_SYS_IO_GETEVENTS ||
           ref == LAB_SYS_IO_URING_ENTER || ref == LAB_SYS_LIO_LISTIO)) &&
        !(node->kind == LAB_N_CALL && node->role == LAB_ROLE_NONE)) {
        struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, call),
                                           "foreach walks what a wait has reported");

        lab_note(diag, "one of: poll, select, epoll_wait, epoll_pwait2, io_getevents, "
                       "io_uring_enter, lio_listio");
    }
    check_body(c, check_node(c, call)->next);
}

static void check_return(struct checker *c, lab_node_id id)
{
    lab_node_id value = check_node(c, id)->first;

    if (value == 0) {
        return;
    }
    lab_check_expr(c, value, CHECK_READ);
    if (c->at.actor == CHECK_BLOCK &&
        (c->at.block == LAB_BLOCK_INIT || c->at.block == LAB_BLOCK_IRQ ||
         c->at.block == LAB_BLOCK_THREAD || c->at.block == LAB_BLOCK_RELEASE)) {
        lab_report(c->diags, lab_check_span(c, value), "'%s' returns no value",
                   lab_block_name(c->at.block));
    }
}

static void check_start(struct checker *c, lab_node_id id)
{
    only_in_loop(c, id, "start");
    if (in_loop_task(c)) {
        const struct lab_task *task = &c->s->tasks[c->at.task];

        if (check_node(c, task->body)->first != id) {
            lab_report(c->diags, lab_check_span(c, id),
                       "'start' is the first statement of a loop");
        }
    }
    check_stmt(c, check_node(c, id)->first);
}

static void check_timer(struct checker *c, lab_node_id id)
{
    lab_node_id first = check_node(c, id)->first, again = check_node(c, first)->next;

    only_in_loop(c, id, "timer");
    lab_check_feature(c, "timer", id);
    lab_check_delay(c, first);
    if (check_node(c, again)->kind != LAB_N_NONE) {
        lab_check_delay(c, again);
    }
    check_callback(c, check_node(c, again)->next, false);
}

static void check_on(struct checker *c, lab_node_id id)
{
    lab_node_id fd = check_node(c, id)->first, events = check_node(c, fd)->next;

    only_in_loop(c, id, "on");
    lab_check_expr(c, fd, CHECK_READ);
    lab_check_expr(c, events, CHECK_READ);
    check_callback(c, check_node(c, events)->next, true);
}

static void check_jump(struct checker *c, lab_node_id id)
{
    if (c->at.loops == 0) {
        lab_report(c->diags, lab_check_span(c, id), "'%s' outside of a loop statement",
                   check_node(c, id)->kind == LAB_N_BREAK ? "break" : "continue");
    }
}

static void check_branch(struct checker *c, lab_node_id id)
{
    lab_node_id condition = check_node(c, id)->first;

    lab_check_expr(c, condition, CHECK_READ);
    for (lab_node_id k = check_node(c, condition)->next; k != 0; k = check_node(c, k)->next) {
        check_stmt(c, k);
    }
}

static void check_loop_statement(struct checker *c, lab_node_id id)
{
    lab_node_id first = check_node(c, id)->first;

    switch (check_node(c, id)->kind) {
    case LAB_N_START:
        check_start(c, id);
        break;
    case LAB_N_ON:
        check_on(c, id);
        break;
    case LAB_N_OFF:
        only_in_loop(c, id, "off");
        lab_check_expr(c, first, CHECK_READ);
        break;
    case LAB_N_TIMER:
        check_timer(c, id);
        break;
    default: /* ASYNC */
        only_in_loop(c, id, "async");
        lab_check_feature(c, "async", id);
        check_callback(c, first, false);
        break;
    }
}

static void check_stmt(struct checker *c, lab_node_id id)
{
    lab_node_id first = check_node(c, id)->first;

    switch (check_node(c, id)->kind) {
    case LAB_N_BLOCK:
        check_children(c, id);
        break;
    case LAB_N_IF:
        check_branch(c, id);
        break;
    case LAB_N_WHILE:
        lab_check_expr(c, first, CHECK_READ);
        check_body(c, check_node(c, first)->next);
        break;
    case LAB_N_DO:
        check_body(c, first);
        lab_check_expr(c, check_node(c, first)->next, CHECK_READ);
        break;
    case LAB_N_FOR:
        check_for(c, id);
        break;
    case LAB_N_FOREACH:
        check_foreach(c, id);
        break;
    case LAB_N_BREAK:
    case LAB_N_CONTINUE:
        check_jump(c, id);
        break;
    case LAB_N_RETURN:
        check_return(c, id);
        break;
    case LAB_N_EXPR:
        lab_check_expr(c, first, CHECK_READ);
        break;
    case LAB_N_START:
    case LAB_N_ON:
    case LAB_N_OFF:
    case LAB_N_TIMER:
    case LAB_N_ASYNC:
        check_loop_statement(c, id);
        break;
    default:
        break;
    }
}

/* Names of async callbacks are known to all tasks. */
static void collect_asyncs(struct checker *c)
{
    struct lab_scenario *s = c->s;

    for (lab_node_id k = 1; k < s->node_count; k++) {
        int old = -1;

        if (s->nodes[k].kind != LAB_N_ASYNC || s->nodes[k].name == 0) {
            continue;
        }
        for (unsigned i = 0; i < c->async_count && old < 0; i++) {
            old = s->nodes[c->async[i]].name == s->nodes[k].name ? (int)i : -1;
        }
        if (old >= 0) {
            lab_check_twice(c, k, "async", c->async[old]);
        } else if (c->async_count == LAB_ASYNCS_MAX) {
            lab_report(c->diags, lab_check_span(c, k), "too many async callbacks (at most %i)",
                       (int64_t)LAB_ASYNCS_MAX);
            return;
        } else {
            c->async[c->async_count++] = k;
        }
    }
}

void lab_check_all_code(struct checker *c)
{
    collect_asyncs(c);
    lab_check_for_all_code(c, check_stmt);
}
