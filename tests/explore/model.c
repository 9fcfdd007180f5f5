/* tests/explore/model.c - see model.h.  Out of memory ends the test. */
#include "tests/explore/model.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DEVICES = 2, READERS = 2, STATES_MAX = 400000, TABLE = 1 << 20, SUCCESSORS_MAX = 8 };

/* What the handler, or its thread, is about to do. */
enum work { IDLE, MASK, LEAVE, UNMASK, EARLY_EOI, FIRST, SECOND, LATE_UNMASK, LATE_EOI };

struct state {
    uint8_t sent[DEVICES], fifo[DEVICES], queue[DEVICES], asks[DEVICES];
    uint8_t ready[DEVICES], armed[DEVICES];
    uint8_t latch, active, masked, woken;   /* controller, thread */
    uint8_t handler, thread;                /* enum work */
    uint8_t device, moved, drained;         /* of the one who does the work */
    uint8_t registered;                     /* files in the epoll instance, by reader 0 */
    uint8_t reader[READERS], file[READERS]; /* 0 waits, 1 reads, 2 re-arms */
};

enum agent { CPU, THREAD, READER, WORLD = 4, AGENTS };

struct edge {
    uint32_t to;
    uint8_t agent;
};

struct model {
    const struct lab_family *f;
    struct state *state;
    uint32_t count, *table, *first;
    struct edge *edge;
    uint32_t edges;
    /* search for parts */
    uint32_t *index, *low, *stack, *part, next, top, parts;
    bool readers_only;
    struct model_classes found;
};

static bool line(const struct model *m, const struct state *s)
{
    bool high = false;

    for (unsigned d = 0; d < m->f->devices; d++)
        high |= m->f->latched ? s->asks[d] != 0 : s->fifo[d] != 0;
    return high;
}

static bool tasks_run(const struct model *m, const struct state *s)
{
    return m->f->cpus == 2 || s->handler == IDLE;
}

/* ---- steps ---- */

static bool arrive(const struct model *m, struct state *s, unsigned d)
{
    bool was = line(m, s);

    if (s->sent[d] == m->f->tokens || s->fifo[d] == m->f->fifo)
        return false;
    s->sent[d]++;
    s->fifo[d]++;
    if (m->f->latched)
        s->asks[d] = 1;
    if (m->f->edge && !was && !(m->f->forgets && (s->active || s->masked)))
        s->latch = 1;
    return true;
}

static bool take(const struct model *m, struct state *s)
{
    bool asks = m->f->edge ? s->latch : line(m, s);

    if (s->masked || s->active || s->handler != IDLE || !asks)
        return false;
    s->active = 1;
    s->latch = 0;
    s->handler = m->f->threaded ? MASK : m->f->eoi_first ? EARLY_EOI : FIRST;
    return true;
}

static uint8_t after_pass(const struct model *m, struct state *s, uint8_t end)
{
    bool again = m->f->scans && s->moved;

    s->device = s->moved = 0;
    return again ? FIRST : end;
}

static uint8_t after_operation(const struct model *m, struct state *s, uint8_t at, uint8_t end)
{
    if (at == FIRST && m->f->latched)
        return SECOND;
    if (s->device + 1 < m->f->devices) {
        s->device++;
        return FIRST;
    }
    return after_pass(m, s, end);
}

/* One operation of the work: a clear, or a token moved, or the wake that ends a drain. */
static uint8_t work(const struct model *m, struct state *s, uint8_t at, uint8_t end)
{
    unsigned d = s->device;
    bool clears = m->f->latched && (at == FIRST) != (m->f->clears_last != 0);

    if (clears) {
        if (m->f->clears)
            s->asks[d] = 0;
        return after_operation(m, s, at, end);
    }
    if (s->fifo[d] && s->queue[d] < m->f->queue &&
        (!m->f->drains || s->drained < m->f->drains)) {
        s->fifo[d]--;
        s->queue[d]++;
        s->moved = 1;
        s->drained = m->f->drains ? (uint8_t)(s->drained + 1) : 1;
        return at;
    }
    if (s->drained)
        s->ready[d] |= s->armed[d];
    s->drained = 0;
    return after_operation(m, s, at, end);
}

static bool handle(const struct model *m, struct state *s)
{
    switch (s->handler) {
    case IDLE:
        return false;
    case MASK:
        s->masked = 1;
        s->woken = 1;
        s->handler = LEAVE;
        break;
    case LEAVE:
    case LATE_EOI:
        s->active = 0;
        s->handler = IDLE;
        break;
    case EARLY_EOI:
        s->active = 0;
        s->handler = FIRST;
        break;
    default:
        s->handler = work(m, s, s->handler, m->f->eoi_first ? IDLE : LATE_EOI);
        break;
    }
    return true;
}

/* The thread goes where interrupts go: it stands still while a handler runs. */
static bool run_thread(const struct model *m, struct state *s)
{
    if (s->handler != IDLE || (s->thread == IDLE && !s->woken))
        return false;
    switch (s->thread) {
    case IDLE:
        s->woken = 0;
        s->thread = m->f->unmask_first ? UNMASK : FIRST;
        break;
    case UNMASK:
        s->masked = 0;
        s->thread = FIRST;
        break;
    case LATE_UNMASK:
        s->masked = 0;
        s->thread = IDLE;
        break;
    default:
        s->thread = work(m, s, s->thread, m->f->unmask_first ? IDLE : LATE_UNMASK);
        break;
    }
    return true;
}

static bool wait(const struct model *m, struct state *s, unsigned r, unsigned d)
{
    if (!tasks_run(m, s) || s->registered < m->f->devices || s->reader[r] != 0 || !s->ready[d])
        return false;
    if (!s->queue[d]) {
        s->ready[d] = 0; /* a stale entry is dropped */
        return true;
    }
    if (m->f->epoll != LAB_FAMILY_LT)
        s->ready[d] = 0;
    if (m->f->epoll == LAB_FAMILY_ONESHOT)
        s->armed[d] = 0;
    s->reader[r] = 1;
    s->file[r] = (uint8_t)d;
    return true;
}

/* The first reader adds the files one after the other; the level then counts as a wake. */
static bool register_next(const struct model *m, struct state *s)
{
    unsigned d = s->registered;

    if (!tasks_run(m, s) || d == m->f->devices)
        return false;
    s->registered++;
    s->armed[d] = 1;
    s->ready[d] = s->queue[d] != 0;
    return true;
}

static bool read_on(const struct model *m, struct state *s, unsigned r)
{
    uint8_t *queue = &s->queue[s->file[r]];
    bool empty = !*queue, is_short = *queue < m->f->chunk;

    if (!tasks_run(m, s) || s->reader[r] == 0)
        return false;
    if (s->reader[r] == 2) {
        s->armed[s->file[r]] = 1;
        s->ready[s->file[r]] |= *queue != 0;
        s->reader[r] = s->file[r] = 0;
        return true;
    }
    if (m->f->reader != LAB_READ_NOTHING)
        *queue = is_short ? 0 : (uint8_t)(*queue - m->f->chunk);
    if (m->f->reader == LAB_READ_ONCE || m->f->reader == LAB_READ_NOTHING ||
        (m->f->reader == LAB_READ_UNTIL_EMPTY ? empty : is_short)) {
        s->reader[r] = m->f->epoll == LAB_FAMILY_ONESHOT ? 2 : 0;
        if (!s->reader[r])
            s->file[r] = 0;
    }
    return true;
}

/* ---- states ---- */

static uint32_t number_of(struct model *m, const struct state *s)
{
    const uint8_t *bytes = (const uint8_t *)s;
    uint32_t hash = 2166136261u, at;

    for (size_t i = 0; i < sizeof(*s); i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    for (at = hash % TABLE; m->table[at]; at = (at + 1) % TABLE)
        if (!memcmp(&m->state[m->table[at] - 1], s, sizeof(*s)))
            return m->table[at] - 1;
    assert(m->count < STATES_MAX);
    m->state[m->count] = *s;
    m->table[at] = m->count + 1;
    return m->count++;
}

static void add(struct model *m, const struct state *s, bool possible, enum agent agent)
{
    if (possible)
        m->edge[m->edges++] = (struct edge){number_of(m, s), (uint8_t)agent};
}

static void expand(struct model *m, uint32_t n)
{
    const struct state now = m->state[n];
    struct state s;
    bool can;

    for (unsigned d = 0; d < m->f->devices; d++) {
        s = now;
        can = arrive(m, &s, d);
        add(m, &s, can, WORLD);
    }
    s = now;
    can = now.handler == IDLE ? take(m, &s) : handle(m, &s);
    add(m, &s, can, CPU);
    s = now;
    can = run_thread(m, &s);
    add(m, &s, can, THREAD);
    s = now;
    can = register_next(m, &s);
    add(m, &s, can, READER);
    for (unsigned r = 0; r < m->f->readers; r++) {
        for (unsigned d = 0; d < m->f->devices; d++) {
            s = now;
            can = wait(m, &s, r, d);
            add(m, &s, can, READER + r);
        }
        s = now;
        can = read_on(m, &s, r);
        add(m, &s, can, READER + r);
    }
}

static bool all_read(const struct model *m, const struct state *s)
{
    for (unsigned d = 0; d < m->f->devices; d++)
        if (s->sent[d] != m->f->tokens || s->fifo[d] || s->queue[d])
            return false;
    return true;
}

/* ---- cycles: Tarjan's parts; a part is a set of states with part[] = its number ---- */

static bool follows(const struct model *m, uint32_t e, uint32_t part)
{
    return m->part[m->edge[e].to] == part &&
           (!m->readers_only || (m->edge[e].agent >= READER && m->edge[e].agent != WORLD));
}

static void judge(struct model *m, const uint32_t *states, uint32_t n);
static bool strongly(struct model *m, const uint32_t *states, uint32_t n);

/* Calls judge() for each part with a cycle, or asks strongly() of it. */
static bool visit(struct model *m, uint32_t s, uint32_t part, bool inner)
{
    bool fair = false;

    m->index[s] = m->low[s] = ++m->next;
    m->stack[m->top++] = s;
    for (uint32_t e = m->first[s]; e < m->first[s + 1]; e++) {
        uint32_t to = m->edge[e].to;
        if (!follows(m, e, part))
            continue;
        if (!m->index[to])
            fair |= visit(m, to, part, inner);
        if (m->low[to] < m->low[s])
            m->low[s] = m->low[to];
    }
    if (m->low[s] == m->index[s]) {
        uint32_t end = m->top, mark = ++m->parts, *copy, n;
        bool cycle;
        while (m->stack[--m->top] != s) {}
        n = end - m->top;
        copy = malloc(n * sizeof(*copy));
        assert(copy);
        memcpy(copy, m->stack + m->top, n * sizeof(*copy));
        for (uint32_t i = 0; i < n; i++)
            m->part[copy[i]] = mark;
        cycle = n > 1;
        for (uint32_t e = m->first[s]; e < m->first[s + 1]; e++)
            cycle |= follows(m, e, mark);
        for (uint32_t i = 0; i < n; i++)
            m->low[copy[i]] = UINT32_MAX;
        if (cycle && inner)
            fair |= strongly(m, copy, n);
        else if (cycle)
            judge(m, copy, n);
        free(copy);
    }
    return fair;
}

/* Bits of agents: who could step at some state of the part, at all, and who does inside it. */
static void agents(const struct model *m, const uint32_t *states, uint32_t n, unsigned *some,
                   unsigned *always, unsigned *moves)
{
    *some = *moves = 0;
    *always = ~0u;
    for (uint32_t i = 0; i < n; i++) {
        unsigned here = 0;
        for (uint32_t e = m->first[states[i]]; e < m->first[states[i] + 1]; e++) {
            here |= 1u << m->edge[e].agent;
            if (follows(m, e, m->part[states[i]]))
                *moves |= 1u << m->edge[e].agent;
        }
        *some |= here;
        *always &= here;
    }
    *some &= ~(1u << WORLD);
    *always &= ~(1u << WORLD);
}

static bool strongly(struct model *m, const uint32_t *states, uint32_t n)
{
    unsigned some, always, moves;
    uint32_t *rest, left = 0, mark;
    bool fair = false;

    agents(m, states, n, &some, &always, &moves);
    if (!(some & ~moves))
        return true;
    rest = malloc(n * sizeof(*rest));
    assert(rest);
    for (uint32_t i = 0; i < n; i++) {
        unsigned here = 0;
        for (uint32_t e = m->first[states[i]]; e < m->first[states[i] + 1]; e++)
            here |= 1u << m->edge[e].agent;
        if (!(here & ~moves & ~(1u << WORLD)))
            rest[left++] = states[i];
    }
    mark = ++m->parts;
    for (uint32_t i = 0; i < left; i++) {
        m->part[rest[i]] = mark;
        m->index[rest[i]] = 0;
    }
    for (uint32_t i = 0; i < left && left < n; i++)
        if (!m->index[rest[i]])
            fair |= visit(m, rest[i], mark, true);
    free(rest);
    return fair;
}

static void judge(struct model *m, const uint32_t *states, uint32_t n)
{
    unsigned some, always, moves;

    agents(m, states, n, &some, &always, &moves);
    if (m->readers_only) {
        m->found.spin = true;
        return;
    }
    if (!(moves & ~(1u << READER | 1u << (READER + 1))))
        return; /* readers alone: the other pass */
    if (strongly(m, states, n))
        m->found.storm = true;
    else if (!(always & ~moves))
        m->found.starve = true;
}

static void find_cycles(struct model *m)
{
    for (unsigned pass = 0; pass < 2; pass++) {
        m->readers_only = pass;
        m->next = m->top = m->parts = 0;
        memset(m->index, 0, m->count * sizeof(*m->index));
        memset(m->part, 0, m->count * sizeof(*m->part));
        for (uint32_t s = 0; s < m->count; s++)
            if (!m->index[s])
                visit(m, s, 0, false);
    }
}

static void *zeroed(size_t n, size_t size)
{
    void *at = calloc(n, size);

    assert(at);
    return at;
}

struct model_classes model_explore(const struct lab_family *family)
{
    struct model m = {.f = family};
    struct state start = {.registered = 0};

    m.state = zeroed(STATES_MAX, sizeof(*m.state));
    m.table = zeroed(TABLE, sizeof(*m.table));
    m.first = zeroed(STATES_MAX + 1, sizeof(*m.first));
    m.edge = zeroed((size_t)STATES_MAX * SUCCESSORS_MAX, sizeof(*m.edge));
    number_of(&m, &start);
    for (uint32_t n = 0; n < m.count; n++) {
        m.first[n] = m.edges;
        expand(&m, n);
        m.first[n + 1] = m.edges;
        if (m.first[n] != m.edges)
            continue;
        if (all_read(&m, &m.state[n]))
            m.found.good = true;
        else
            m.found.lost = true;
    }
    m.index = zeroed(m.count, sizeof(*m.index));
    m.low = zeroed(m.count, sizeof(*m.low));
    m.stack = zeroed(m.count, sizeof(*m.stack));
    m.part = zeroed(m.count, sizeof(*m.part));
    find_cycles(&m);
    m.found.states = m.count;
    free(m.state);
    free(m.table);
    free(m.first);
    free(m.edge);
    free(m.index);
    free(m.low);
    free(m.stack);
    free(m.part);
    return m.found;
}
