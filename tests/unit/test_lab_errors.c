/*
 * tests/unit/test_lab_errors.c - every NAME.lab of a folder against the errors in NAME.err.
 *
 * The folder comes as the first argument or in IRQLAB_ERRORS. A scenario is parsed and checked
 * at all its points; what is printed must be the .err file, byte for byte; an empty one stands
 * for a scenario without errors. GOLDEN_UPDATE=1 rewrites the files that differ.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/core/check.h"
#include "lab/core/parse.h"
#include "lab/core/scenario.h"

enum { POOL_SIZE = 8 << 20, TEXT_SIZE = 2 << 20 };

static const char *folder;

struct text {
    char *bytes;
    size_t length;
};

static void append(void *context, const char *text, size_t length)
{
    struct text *to = context;

    assert_true(to->length + length < TEXT_SIZE);
    memcpy(to->bytes + to->length, text, length);
    to->length += length;
}

static struct text read_file(const char *name)
{
    struct text text = {calloc(1, TEXT_SIZE), 0};
    FILE *file = fopen(name, "rb");

    assert_non_null(text.bytes);
    if (file != NULL) {
        text.length = fread(text.bytes, 1, TEXT_SIZE, file);
        fclose(file);
    }
    return text;
}

static struct text errors_of(const char *name, struct text source)
{
    static struct lab_scenario scenario;
    static struct lab_diags diags;
    struct lab_pool pool = {malloc(POOL_SIZE), POOL_SIZE, 0};
    struct text got = {calloc(1, TEXT_SIZE), 0};

    assert_non_null(pool.base);
    assert_non_null(got.bytes);
    lab_diags_init(&diags);
    if (lab_parse(&scenario, &pool, name, source.bytes, source.length, &diags) == 0) {
        uint32_t points = lab_points_count(&scenario, &diags);

        for (uint32_t i = 0; i < points; i++) {
            struct lab_point point;

            lab_points_at(&scenario, i, &point);
            lab_check(&scenario, &point, &diags);
        }
    }
    lab_diags_print(&diags, append, &got);
    free(pool.base);
    return got;
}

static bool compare(const char *name)
{
    char path[1024], golden[1024];
    struct text source, want, got;
    bool same = false;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(golden, sizeof golden, "%.*s.err", (int)strlen(path) - 4, path);
    source = read_file(path);
    want = read_file(golden);
    got = errors_of(name, source);
    same = want.length == got.length && memcmp(want.bytes, got.bytes, got.length) == 0;
    if (!same && getenv("GOLDEN_UPDATE") != NULL) {
        FILE *file = fopen(golden, "wb");

        assert_non_null(file);
        fwrite(got.bytes, 1, got.length, file);
        fclose(file);
        same = true;
    }
    if (!same) {
        print_error("%s: expected\n%.*s\nbut got\n%.*s\n", name, (int)want.length, want.bytes,
                    (int)got.length, got.bytes);
    }
    free(source.bytes);
    free(want.bytes);
    free(got.bytes);
    return same;
}

static void every_scenario_gives_exactly_the_errors_written_beside_it(void **state)
{
    DIR *dir = opendir(folder);
    struct dirent *entry = NULL;
    unsigned count = 0, failed = 0;

    (void)state;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        size_t length = strlen(entry->d_name);

        if (length > 4 && strcmp(entry->d_name + length - 4, ".lab") == 0) {
            count++;
            failed += !compare(entry->d_name);
        }
    }
    closedir(dir);
    assert_int_equal(failed, 0);
    assert_true(count > 100);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scenario_gives_exactly_the_errors_written_beside_it),
    };

    folder = argc > 1 ? argv[1] : getenv("IRQLAB_ERRORS");
    if (folder == NULL) {
        folder = "tests/errors";
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
