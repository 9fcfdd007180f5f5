/* lab/survey.h - the outcomes of a point as text, in the words of herd. */
#ifndef LAB_SURVEY_H
#define LAB_SURVEY_H

#include "lab/explore.h"
#include "lab/style.h"

/* @name: the scenario's; @point: "mode=edge", or "". */
void lab_survey_print(const struct lab_style *style, const char *name, const char *point,
                      const struct lab_program *program, const struct lab_explored *explored);

/* One outcome: sets, counters that expectations name, kind of end. */
void lab_survey_outcome(const struct lab_style *style, const struct lab_program *program,
                        const struct lab_outcome *outcome);

#endif
