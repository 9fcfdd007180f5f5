/*
 * tests/unit/test_lab_linux.c - --on linux convicts a model that errs.
 *
 * While a scenario is explored, the linker leads drv_file_wake() through an error that real
 * kernels had (5.5 to 5.13, fs/pipe.c): a file that holds something already wakes nobody.
 * Linux, run beside it, does what that model forbids.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "drivers/file.h"
#include "drivers/state.h"
#include "lab/explore.h"
#include "lab/litmus.h"

static bool errs, exploring;

void __real_drv_file_wake(struct drv *drv, drv_file_id file, enum drv_queue_id queue,
                          uint32_t key, bool all);
void __wrap_drv_file_wake(struct drv *drv, drv_file_id file, enum drv_queue_id queue,
                          uint32_t key, bool all);
int __real_lab_explore(const struct lab_program *program,
                       const struct lab_explore_options *options, struct lab_explored *ret);
int __wrap_lab_explore(const struct lab_program *program,
                       const struct lab_explore_options *options, struct lab_explored *ret);

void __wrap_drv_file_wake(struct drv *drv, drv_file_id file, enum drv_queue_id queue,
                          uint32_t key, bool all)
{
    /* The scenario has two tokens: the file holds both, so it was not empty. */
    if (errs && exploring && drv_holds(drv, 1) == file && drv_holds(drv, 2) == file)
        return;
    __real_drv_file_wake(drv, file, queue, key, all);
}

int __wrap_lab_explore(const struct lab_program *program,
                       const struct lab_explore_options *options, struct lab_explored *ret)
{
    int code;

    exploring = true;
    code = __real_lab_explore(program, options, ret);
    exploring = false;
    return code;
}

static int litmus(const char *point)
{
    struct lab_litmus_options options = {.load = {.pin = {point}, .pins = 1}, .runs = 3};

    return lab_litmus_scenario("nobody-reads", &options);
}

static void model_as_it_is_allows_what_linux_does(void **state)
{
    (void)state;
    errs = false;
    assert_int_equal(litmus("events=EPOLLIN|EPOLLET"), LAB_EXIT_OK);
}

static void model_that_wakes_only_from_empty_is_convicted(void **state)
{
    (void)state;
    errs = true;
    assert_int_equal(litmus("events=EPOLLIN|EPOLLET"), LAB_EXIT_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(model_as_it_is_allows_what_linux_does),
        cmocka_unit_test(model_that_wakes_only_from_empty_is_convicted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
