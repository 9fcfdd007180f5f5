/* lab/proof.c - see proof.h. */
#define _POSIX_C_SOURCE 200809L
#include "lab/proof.h"

#include <stdlib.h>
#include <string.h>

#include "lab/columns.h"
#include "lab/schedule.h"
#include "lab/witness.h"

enum { STUCK_BYTES = 256, STUCK_MAX = 6, ROWS_MAX = 200 };

/* The set by the numbers under which the search found them; malloc'ed. */
static bool *by_id(const struct lab_outcomes *outcomes, const bool *wanted)
{
    bool *set = calloc(outcomes->n + 1, sizeof(*set));

    for (size_t i = 0; set && i < outcomes->n; i++)
        set[outcomes->id[i]] = wanted[i];
    return set;
}

static void add_fewest(struct lab_proof *proof, struct lab_exploration *s, const bool *set)
{
    struct lab_way way;

    proof->fewest_known = lab_way_best(s, set, LAB_WAY_FEWEST, &way);
    if (!proof->fewest_known)
        return;
    proof->fewest_preemptions = way.preemptions;
    proof->fewest_steps = way.length;
    if (way.preemptions < proof->preemptions)
        way.actors = lab_way_whole(s, way.actors, &way.length);
    if (way.preemptions < proof->preemptions && way.actors)
        proof->fewest = lab_schedule_text(&s->expander.lab, way.actors, way.length);
    lab_way_free(&way);
}

/* The outcome at the end of the way: of those wanted, the one that is as far away. */
static size_t outcome_of(const struct lab_outcomes *outcomes, const bool *wanted,
                         const struct lab_exploration *s, const struct lab_way *way,
                         size_t example)
{
    const uint32_t *first = lab_words_of(&s->first), *to = lab_words_of(&s->to);
    const struct lab_end *end = (const void *)s->ends.bytes;
    uint32_t state = 0;

    for (size_t i = 0; i < way->length; i++) {
        uint32_t e = first[state];
        while (e + 1 < first[state + 1] && lab_edge_actor(s, e) != way->actors[i])
            e++;
        state = to[e];
    }
    for (size_t k = 0; k < s->ends.used / sizeof(*end); k++)
        for (size_t i = 0; i < outcomes->n && end[k].state == state; i++)
            if (outcomes->id[i] == end[k].outcome && wanted[i])
                return i;
    return example;
}

/* What was searched in parts has no graph: the way is the one that is known. */
static bool make_known(struct lab_proof *ret, const struct lab_explored *explored,
                       const struct lab_program *program, size_t example)
{
    struct lab_replay replay = {.schedule = explored->schedules[example]};

    memset(ret, 0, sizeof(*ret));
    ret->outcome = explored->outcomes.item[example];
    ret->actors = lab_schedule_actors(program, &replay);
    ret->steps = replay.steps;
    ret->schedule = strdup(replay.schedule);
    return ret->actors && ret->schedule &&
           lab_way_preemptions(program, ret->actors, ret->steps, &ret->preemptions);
}

bool lab_proof_make(struct lab_proof *ret, struct lab_explored *explored,
                    const struct lab_program *program, const bool *wanted, size_t example)
{
    struct lab_exploration *s = explored->exploration;
    bool *set = by_id(&explored->outcomes, wanted);
    struct lab_way way = {0};

    memset(ret, 0, sizeof(*ret));
    if (!set)
        return false;
    if (!s) {
        free(set);
        return make_known(ret, explored, program, example);
    }
    ret->shortest = lab_way_best(s, set, LAB_WAY_SHORTEST, &way);
    if (ret->shortest) {
        ret->preemptions = ret->fewest_preemptions = way.preemptions;
        ret->no_return = explored->complete ? lab_way_no_return(s, set, &way) : 0;
        if (explored->complete)
            add_fewest(ret, s, set);
        example = outcome_of(&explored->outcomes, wanted, s, &way, example);
    } else {
        way.actors = lab_way_to(s, explored->outcomes.state[example], &way.length);
    }
    free(set);
    if (way.actors)
        way.actors = lab_way_whole(s, way.actors, &way.length);
    if (ret->no_return)
        ret->no_return += s->options.prefix_length;
    ret->outcome = explored->outcomes.item[example];
    ret->steps = way.length;
    ret->actors = way.actors;
    if (way.actors)
        ret->schedule = lab_schedule_text(&s->expander.lab, way.actors, way.length);
    if (ret->schedule && !ret->shortest)
        return lab_way_preemptions(program, way.actors, way.length, &ret->preemptions);
    return ret->schedule != 0;
}

void lab_proof_free(struct lab_proof *proof)
{
    free(proof->schedule);
    free(proof->fewest);
    free(proof->actors);
    memset(proof, 0, sizeof(*proof));
}

static void print_stuck(const struct lab_proof *proof, struct lab_replayed *replayed,
                        const struct lab_style *style, FILE *file)
{
    const struct lab_program *program = replayed->lab.program;
    char text[STUCK_BYTES];
    unsigned shown = 0;

    for (unsigned token = 1; token <= program->tokens; token++) {
        if (!lab_fate_lost(proof->outcome.fate[token]))
            continue;
        if (shown++ == STUCK_MAX) {
            fputs("  ...\n", file);
            return;
        }
        lab_stuck_text(replayed, &proof->outcome, token, text, sizeof(text));
        fputs("  ", file);
        lab_style_put(style, file, LAB_INK_LOST,
                      lab_program_name(program, program->token_name[token]));
        fprintf(file, " %s\n", text);
    }
}

static void print_ways(const struct lab_proof *proof, FILE *file, const char *command)
{
    const char *plural = proof->preemptions == 1 ? "" : "s";

    if (proof->shortest)
        fprintf(file, "  shortest: %zu steps, %u preemption%s%s\n", proof->steps,
                proof->preemptions, plural,
                proof->fewest || !proof->preemptions || !proof->fewest_known
                    ? ""
                    : ", and no way has fewer");
    else
        fprintf(file,
                "  one way there, perhaps not the shortest: %zu steps, %u preemption%s%s\n",
                proof->steps, proof->preemptions, plural,
                proof->fewest || !proof->preemptions || !proof->fewest_known
                    ? ""
                    : ", and no way has fewer");
    fprintf(file, "    %s --schedule %s\n", command, proof->schedule);
    if (proof->preemptions && !proof->fewest_known)
        fprintf(file, "  whether a way has fewer preemptions is not known\n");
    if (!proof->fewest)
        return;
    fprintf(file, "  fewest preemptions: %u, in %zu steps\n", proof->fewest_preemptions,
            proof->fewest_steps);
    fprintf(file, "    %s --schedule %s\n", command, proof->fewest);
}

bool lab_proof_print(const struct lab_proof *proof, const struct lab_program *program,
                     const struct lab_style *style, FILE *file, const char *command)
{
    struct lab_replayed replayed;
    bool good = lab_replayed_make(&replayed, program, proof->actors, proof->steps);

    print_ways(proof, file, command);
    if (good) {
        fputc('\n', file);
        if (proof->steps <= ROWS_MAX)
            good = lab_columns_print(style, file, &replayed, proof->no_return);
        print_stuck(proof, &replayed, style, file);
        fputc('\n', file);
    }
    lab_replayed_free(&replayed);
    return good;
}
