/*
 * lab/verdict.h - what the expectations of a scenario say about the outcomes of its points.
 *
 * Source: docs/language.md, "Expectations".
 *
 * The tree of a scenario is checked for one point at a time, so outcomes are judged point by
 * point, right after the check; what is left of them here are marks and one counterexample.
 */
#ifndef LAB_VERDICT_H
#define LAB_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/core/ast.h"
#include "lab/core/diag.h"
#include "lab/core/ledger.h"

enum lab_verdict_mode {
    LAB_VERDICT_RUN,    /* one outcome for each point: times are known */
    LAB_VERDICT_ONCE,   /* one outcome for each point, in an order that nobody chose */
    LAB_VERDICT_EXPLORE /* all outcomes of a point */
};

enum lab_verdict_state {
    LAB_HOLDS,
    LAB_HOLDS_IN_RUN, /* not refuted: other interleavings are unknown */
    LAB_REFUTED,
    LAB_NOT_SEEN,   /* a `sometimes`, in a run: exit 4 */
    LAB_NOT_JUDGED, /* needs times */
    LAB_NO_POINT,   /* its points were pinned away */
    LAB_UNDECIDED   /* a bound was hit */
};

enum { LAB_ACTUAL_BYTES = 320, LAB_VERDICT_POINT_BYTES = 128 };

/* One expectation, over all points. */
struct lab_verdict {
    struct lab_span span; /* of the statement */
    struct lab_span predicate;
    uint8_t quantifier; /* enum lab_quantifier */
    bool matched;       /* at some point judged so far */
    bool refuted;
    bool witnessed; /* a `sometimes` was seen */
    bool open;      /* the outcomes of a matching point are not all known */
    char point[LAB_VERDICT_POINT_BYTES]; /* of the counterexample or witness */
    char actual[LAB_ACTUAL_BYTES];
    size_t outcome; /* its number among the outcomes of that point */
};

struct lab_verdicts {
    enum lab_verdict_mode mode;
    unsigned count;
    struct lab_verdict item[LAB_EXPECTS_MAX];
};

/* What a point's judgement said about it alone. */
struct lab_judged {
    bool any;  /* an expectation without `sometimes` matched and could be judged */
    bool good; /* none of these was refuted here */
};

void lab_verdicts_init(struct lab_verdicts *ret, enum lab_verdict_mode mode);

/*
 * Judges the outcomes of the point @scenario was checked for and @program compiled for.
 * @complete: there are no others. @point: its text, for messages.
 */
struct lab_judged lab_verdicts_add(struct lab_verdicts *verdicts,
                                   const struct lab_scenario *scenario,
                                   const struct lab_program *program,
                                   const struct lab_outcome *outcomes, size_t count,
                                   bool complete, const char *point);

enum lab_verdict_state lab_verdict_state(const struct lab_verdicts *verdicts, unsigned i);
const char *lab_verdict_state_name(enum lab_verdict_state state);

/* 0 all hold, 1 one is refuted, 4 one is undecided or was not seen. */
int lab_verdicts_exit(const struct lab_verdicts *verdicts);

/* Reports each refuted expectation: frame, actual against expected. */
void lab_verdicts_report(const struct lab_verdicts *verdicts,
                         const struct lab_scenario *scenario, struct lab_diags *diags);

/* The text of a span, blanks and line ends folded to one blank, cut to @size bytes. */
void lab_span_text(const struct lab_scenario *scenario, struct lab_span span, char *ret_text,
                   size_t size);

/* Is the predicate true of this outcome?  For tests. */
bool lab_predicate_holds(const struct lab_scenario *scenario, const struct lab_program *program,
                         const struct lab_outcome *outcome, lab_node_id predicate);

#endif
