/*
 * tests/fuzz/fuzz_lab_parse.c - any bytes as a scenario: parse, check at some points, print.
 *
 * With libFuzzer: clang -fsanitize=fuzzer,address,undefined -DFUZZ_LIBFUZZER. Otherwise main()
 * replays the files it is given, so that every compiler runs the corpus.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/core/check.h"
#include "lab/core/parse.h"
#include "lab/core/scenario.h"

enum {
    POOL_SIZE = 4 << 20,
    POINTS_MAX = 8 /* a fuzzer's knobs have many points and little to say at each */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t printed;

static void count_bytes(void *context, const char *text, size_t length)
{
    (void)context;
    for (size_t i = 0; i < length; i++) {
        printed += (unsigned char)text[i] != 0;
    }
}

static void check_points(struct lab_scenario *scenario, struct lab_diags *diags)
{
    uint32_t points = lab_points_count(scenario, diags);

    for (uint32_t i = 0; i < points && i < POINTS_MAX; i++) {
        struct lab_point point;

        lab_points_at(scenario, i, &point);
        lab_check(scenario, &point, diags);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char memory[POOL_SIZE];
    static struct lab_scenario scenario;
    static struct lab_diags diags;
    struct lab_pool pool = {memory, sizeof memory, 0};
    char *text = malloc(size + 1); /* exactly as long as the text: reading past it is caught */

    if (text == NULL) {
        return 0;
    }
    memcpy(text, data, size);
    text = realloc(text, size > 0 ? size : 1);
    lab_diags_init(&diags);
    if (lab_parse(&scenario, &pool, "fuzz.lab", text, size, &diags) == 0) {
        check_points(&scenario, &diags);
    }
    lab_diags_print(&diags, count_bytes, NULL);
    lab_diags_print_json(&diags, count_bytes, NULL);
    free(text);
    return 0;
}

#ifndef FUZZ_LIBFUZZER
static int replay(const char *name)
{
    FILE *file = fopen(name, "rb");
    uint8_t *data = NULL;
    long size = 0;

    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0) {
        fprintf(stderr, "cannot read %s\n", name);
        return 1;
    }
    rewind(file);
    data = malloc((size_t)size + 1);
    size = data == NULL ? 0 : (long)fread(data, 1, (size_t)size, file);
    fclose(file);
    LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
    return 0;
}

int main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++) {
        failed |= replay(argv[i]);
    }
    printf("%d files, %zu bytes of diagnostics\n", argc - 1, printed);
    return failed;
}
#endif
