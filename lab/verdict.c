/* lab/verdict.c - see verdict.h. */
#include "lab/verdict.h"

#include <stdio.h>
#include <string.h>

#include "lab/core/scenario.h"
#include "lab/predicate.h"
#include "lab/words.h"

void lab_verdicts_init(struct lab_verdicts *ret, enum lab_verdict_mode mode)
{
    memset(ret, 0, sizeof(*ret));
    ret->mode = mode;
}

bool lab_predicate_holds(const struct lab_scenario *scenario, const struct lab_program *program,
                         const struct lab_outcome *outcome, lab_node_id predicate)
{
    struct lab_facts facts = {scenario, program, outcome};

    return lab_predicate_value(&facts, predicate) != 0;
}

void lab_span_text(const struct lab_scenario *scenario, struct lab_span span, char *ret_text,
                   size_t size)
{
    size_t used = 0;
    bool blank = false;

    for (uint32_t i = 0; i < span.length && used + 2 < size; i++) {
        char c = scenario->text[span.offset + i];

        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            blank = used > 0;
            continue;
        }
        if (blank)
            ret_text[used++] = ' ';
        blank = false;
        ret_text[used++] = c;
    }
    ret_text[used] = '\0';
}

/* Does this mode know enough to judge the expectation? */
static bool can_judge(const struct lab_verdicts *verdicts, unsigned quantifier)
{
    return quantifier != LAB_QUANTIFIER_TIMED || verdicts->mode == LAB_VERDICT_RUN;
}

static void keep_example(struct lab_verdict *verdict, const struct lab_facts *facts,
                         const struct lab_expect *expect, const char *point, size_t number)
{
    lab_words_set(verdict->point, sizeof(verdict->point), "%s", point);
    lab_predicate_actual(facts, expect->predicate, verdict->actual, sizeof(verdict->actual));
    verdict->outcome = number;
}

/* One outcome of a matching point. */
static void judge(struct lab_verdict *verdict, const struct lab_facts *facts,
                  const struct lab_expect *expect, const char *point, size_t number)
{
    bool true_here = lab_predicate_value(facts, expect->predicate) != 0;
    bool example = !verdict->refuted && !verdict->witnessed;

    if (expect->quantifier == LAB_SOMETIMES) {
        if (example && true_here)
            keep_example(verdict, facts, expect, point, number);
        verdict->witnessed = verdict->witnessed || true_here;
        return;
    }
    if (true_here != (expect->quantifier == LAB_NEVER))
        return;
    if (example)
        keep_example(verdict, facts, expect, point, number);
    verdict->refuted = true;
}

struct lab_judged lab_verdicts_add(struct lab_verdicts *verdicts,
                                   const struct lab_scenario *scenario,
                                   const struct lab_program *program,
                                   const struct lab_outcome *outcomes, size_t count,
                                   bool complete, const char *point)
{
    struct lab_judged judged = {false, true};

    verdicts->count = scenario->expect_count;
    for (unsigned i = 0; i < scenario->expect_count; i++) {
        const struct lab_expect *expect = &scenario->expects[i];
        struct lab_verdict *verdict = &verdicts->item[i];
        struct lab_verdict here;

        verdict->span = lab_span_of(scenario, expect->node);
        verdict->predicate = lab_span_of(scenario, expect->predicate);
        verdict->quantifier = expect->quantifier;
        if (!expect->matches)
            continue;
        verdict->matched = true;
        verdict->open = verdict->open || !complete;
        if (!can_judge(verdicts, expect->quantifier))
            continue;
        here = *verdict;
        here.refuted = false;
        for (size_t k = 0; k < count; k++) {
            struct lab_facts facts = {scenario, program, &outcomes[k]};

            judge(verdict, &facts, expect, point, k);
            judge(&here, &facts, expect, point, k);
        }
        if (expect->quantifier == LAB_SOMETIMES)
            continue;
        judged.any = judged.any || count > 0;
        judged.good = judged.good && !here.refuted;
    }
    return judged;
}

enum lab_verdict_state lab_verdict_state(const struct lab_verdicts *verdicts, unsigned i)
{
    const struct lab_verdict *verdict = &verdicts->item[i];
    bool run = verdicts->mode == LAB_VERDICT_RUN || verdicts->mode == LAB_VERDICT_ONCE;

    if (!verdict->matched)
        return LAB_NO_POINT;
    if (!can_judge(verdicts, verdict->quantifier))
        return LAB_NOT_JUDGED;
    if (verdict->refuted)
        return LAB_REFUTED;
    if (verdict->quantifier == LAB_SOMETIMES) {
        if (verdict->witnessed)
            return LAB_HOLDS;
        return run ? LAB_NOT_SEEN : verdict->open ? LAB_UNDECIDED : LAB_REFUTED;
    }
    if (verdict->open)
        return LAB_UNDECIDED;
    return run && verdict->quantifier != LAB_QUANTIFIER_TIMED ? LAB_HOLDS_IN_RUN : LAB_HOLDS;
}

const char *lab_verdict_state_name(enum lab_verdict_state state)
{
    static const char *const name[] = {
        [LAB_HOLDS] = "holds",
        [LAB_HOLDS_IN_RUN] = "holds in this run",
        [LAB_REFUTED] = "FAILED",
        [LAB_NOT_SEEN] = "not seen in this run",
        [LAB_NOT_JUDGED] = "not judged (needs times)",
        [LAB_NO_POINT] = "not judged (-D left none of its points)",
        [LAB_UNDECIDED] = "undecided (a bound was hit)",
    };

    return name[state];
}

int lab_verdicts_exit(const struct lab_verdicts *verdicts)
{
    int result = 0;

    for (unsigned i = 0; i < verdicts->count; i++) {
        enum lab_verdict_state state = lab_verdict_state(verdicts, i);

        if (state == LAB_REFUTED)
            return 1;
        if (state == LAB_NOT_SEEN || state == LAB_UNDECIDED)
            result = 4;
    }
    return result;
}

void lab_verdicts_report(const struct lab_verdicts *verdicts,
                         const struct lab_scenario *scenario, struct lab_diags *diags)
{
    for (unsigned i = 0; i < verdicts->count; i++) {
        const struct lab_verdict *verdict = &verdicts->item[i];
        char expected[LAB_ACTUAL_BYTES];
        const char *actual = verdict->actual;
        struct lab_diag *diag;

        if (lab_verdict_state(verdicts, i) != LAB_REFUTED)
            continue;
        if (verdict->quantifier == LAB_SOMETIMES)
            actual = "no outcome at any matching point";
        diag = lab_report(diags, verdict->predicate, "expectation failed%s%s",
                          verdict->point[0] ? ": " : "", verdict->point);
        lab_span_text(scenario, verdict->predicate, expected, sizeof(expected));
        if (strlen(actual) + sizeof("actual: ") <= LAB_DIAG_HINT)
            lab_hint(diag, "actual: %s", actual);
        else
            lab_note(diag, "actual: %s; ", actual);
        lab_note(diag, "expected: %s%s",
                 verdict->quantifier == LAB_ALWAYS      ? "always "
                 : verdict->quantifier == LAB_NEVER     ? "never "
                 : verdict->quantifier == LAB_SOMETIMES ? "sometimes "
                                                        : "",
                 expected);
    }
}
