/* lab/search_crew.c - see crew.h. */
#define _POSIX_C_SOURCE 200809L
#include "lab/search_crew.h"

#include <pthread.h>
#include <stdlib.h>

enum { THREADS_MAX = 64, AHEAD = 4 }; /* batches a thread may be ahead */

struct hand {
    struct lab_search_crew *crew;
    pthread_t thread;
    struct lab_expander expander;
    struct lab_reduce reduce;
    struct lab_batch batch[AHEAD];
    unsigned filled, taken; /* batches, counted from the start of the search */
    uint32_t next;          /* its next batch in this level */
    bool started;
};

struct lab_search_crew {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned hands;
    uint32_t first, end; /* the level */
    uint32_t level;      /* its number */
    uint32_t turn;       /* the batch to be taken next, counted in the level */
    bool quit;
    struct hand hand[THREADS_MAX];
};

static uint32_t batches(const struct lab_search_crew *crew)
{
    return (crew->end - crew->first + LAB_BATCH_STATES - 1) / LAB_BATCH_STATES;
}

/* Waits until there is a batch to do and room for it.  False: quit. */
static bool wait_for_work(struct lab_search_crew *crew, struct hand *hand, uint32_t *level)
{
    bool quit;

    pthread_mutex_lock(&crew->lock);
    for (;;) {
        if (*level != crew->level) {
            *level = crew->level;
            hand->next = (uint32_t)(hand - crew->hand);
        }
        if (crew->quit || (hand->next < batches(crew) && hand->filled - hand->taken < AHEAD))
            break;
        pthread_cond_wait(&crew->changed, &crew->lock);
    }
    quit = crew->quit;
    pthread_mutex_unlock(&crew->lock);
    return !quit;
}

static void *work(void *context)
{
    struct hand *hand = context;
    struct lab_search_crew *crew = hand->crew;
    uint32_t level = 0;

    while (wait_for_work(crew, hand, &level)) {
        struct lab_batch *batch = &hand->batch[hand->filled % AHEAD];
        uint32_t state = crew->first + hand->next * LAB_BATCH_STATES;

        while (state < crew->end && batch->count < LAB_BATCH_STATES)
            lab_expand(&hand->expander, state++, batch);
        pthread_mutex_lock(&crew->lock);
        hand->filled++;
        hand->next += crew->hands;
        pthread_cond_broadcast(&crew->changed);
        pthread_mutex_unlock(&crew->lock);
    }
    return 0;
}

static bool runs_c(const struct lab *lab)
{
    for (unsigned i = 0; i < LAB_CONTEXTS_MAX; i++)
        if (lab->context[i])
            return true;
    return false;
}

static bool open_hand(struct hand *hand, const struct lab_expander *model,
                      const struct lab_program *program, const uint8_t *prefix,
                      size_t prefix_length)
{
    if (model->reduce) {
        hand->reduce.sort = model->reduce->sort;
        hand->reduce.split = model->reduce->split;
        hand->reduce.part = model->reduce->part;
    }
    if (!lab_expander_open(&hand->expander, program, model->reduce ? &hand->reduce : 0) ||
        !lab_expander_advance(&hand->expander, prefix, prefix_length) ||
        (model->counts && !lab_expander_count(&hand->expander, model->preempt)) ||
        !lab_expander_use(&hand->expander, model->store))
        return false;
    hand->expander.beside = true;
    for (unsigned i = 0; i < AHEAD; i++)
        if (!lab_batch_open(&hand->batch[i], model->store))
            return false;
    return true;
}

struct lab_search_crew *lab_search_crew_open(struct lab_expander *model,
                                             const struct lab_program *program,
                                             const uint8_t *prefix, size_t prefix_length,
                                             unsigned threads)
{
    struct lab_search_crew *crew = calloc(1, sizeof(*crew));
    bool good = crew != 0;

    if (!good)
        return 0;
    threads = threads < THREADS_MAX ? threads : THREADS_MAX;
    pthread_mutex_init(&crew->lock, 0);
    pthread_cond_init(&crew->changed, 0);
    crew->hands = runs_c(&model->lab) ? 1 : threads;
    for (unsigned i = 0; i < crew->hands && good; i++) {
        struct hand *hand = &crew->hand[i];
        hand->crew = crew;
        good = open_hand(hand, model, program, prefix, prefix_length) &&
               pthread_create(&hand->thread, 0, work, hand) == 0;
        hand->started = good;
    }
    if (good)
        return crew;
    lab_search_crew_close(crew, model);
    return 0;
}

static void add_findings(struct lab_expander *model, const struct lab_expander *other)
{
    const struct lab_program *program = model->lab.program;

    model->cut |= other->cut;
    for (uint32_t i = 0; other->reached && i < program->code_size; i++)
        model->reached[i] |= other->reached[i];
}

void lab_search_crew_close(struct lab_search_crew *crew, struct lab_expander *model)
{
    pthread_mutex_lock(&crew->lock);
    crew->quit = true;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
    for (unsigned i = 0; i < crew->hands; i++) {
        struct hand *hand = &crew->hand[i];
        if (hand->started)
            pthread_join(hand->thread, 0);
        add_findings(model, &hand->expander);
        lab_expander_close(&hand->expander);
        for (unsigned k = 0; k < AHEAD; k++)
            lab_batch_close(&hand->batch[k]);
    }
    pthread_mutex_destroy(&crew->lock);
    pthread_cond_destroy(&crew->changed);
    free(crew);
}

void lab_search_crew_level(struct lab_search_crew *crew, uint32_t first, uint32_t end)
{
    pthread_mutex_lock(&crew->lock);
    crew->first = first;
    crew->end = end;
    crew->level++;
    crew->turn = 0;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
}

struct lab_batch *lab_search_crew_take(struct lab_search_crew *crew)
{
    struct hand *hand = &crew->hand[crew->turn % crew->hands];

    pthread_mutex_lock(&crew->lock);
    while (hand->filled == hand->taken)
        pthread_cond_wait(&crew->changed, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
    return &hand->batch[hand->taken % AHEAD];
}

void lab_search_crew_give_back(struct lab_search_crew *crew)
{
    struct hand *hand = &crew->hand[crew->turn % crew->hands];

    pthread_mutex_lock(&crew->lock);
    hand->taken++;
    crew->turn++;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
}
