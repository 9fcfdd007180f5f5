/* lab/qtest.c - QEMU's two line protocols. */
#include "lab/qtest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QMP_LINE = 1 << 16 };

/* Sends a command and keeps what follows "OK". */
static bool command(struct lab_link *link, const char *text, char *ret_answer, size_t size)
{
    char line[256];

    if (!lab_link_send(link, text, strlen(text)))
        return false;
    do
        if (lab_link_line(link, line, sizeof(line)) < 0)
            return false;
    while (strncmp(line, "IRQ ", 4) == 0);
    if (strncmp(line, "OK", 2) != 0)
        return false;
    if (ret_answer)
        snprintf(ret_answer, size, "%s", line + 2);
    return true;
}

bool lab_qtest_set_irq_in(struct lab_link *link, const char *path, unsigned input, bool level)
{
    char text[LAB_QOM_PATH + 64];

    snprintf(text, sizeof(text), "set_irq_in %s unnamed-gpio-in %u %d\n", path, input, level);
    return command(link, text, 0, 0);
}

bool lab_qtest_read32(struct lab_link *link, uint32_t address, uint32_t *ret_value)
{
    char text[64], answer[64], *end;

    snprintf(text, sizeof(text), "readl 0x%" PRIx32 "\n", address);
    if (!command(link, text, answer, sizeof(answer)))
        return false;
    *ret_value = (uint32_t)strtoull(answer, &end, 16);
    return end != answer;
}

/* The next answer; events in between are nobody's business here. */
static bool answer_of(struct lab_link *link, const char *text, char *ret_line, size_t size)
{
    if (!lab_link_send(link, text, strlen(text)))
        return false;
    do
        if (lab_link_line(link, ret_line, size) < 0)
            return false;
    while (!strstr(ret_line, "\"return\"") && !strstr(ret_line, "\"error\""));
    return strstr(ret_line, "\"return\"") != 0;
}

bool lab_qmp_start(struct lab_link *link)
{
    char line[1024];

    return lab_link_line(link, line, sizeof(line)) >= 0 &&
           answer_of(link, "{\"execute\":\"qmp_capabilities\"}\n", line, sizeof(line));
}

/* In a list of {"name": "...", "type": "child<...>"}: the name beside the type. */
static bool name_of(const char *list, const char *type, char *ret_name, size_t size)
{
    char wanted[64];
    const char *at, *open, *name;

    snprintf(wanted, sizeof(wanted), "\"child<%s>\"", type);
    at = strstr(list, wanted);
    if (!at)
        return false;
    for (open = at; open > list && *open != '{'; open--) {}
    name = strstr(open, "\"name\": \"");
    if (!name)
        return false;
    name += strlen("\"name\": \"");
    if (strcspn(name, "\"") >= size)
        return false;
    snprintf(ret_name, size, "%.*s", (int)strcspn(name, "\""), name);
    return true;
}

bool lab_qmp_find(struct lab_link *link, const char *type, char ret_path[LAB_QOM_PATH])
{
    static const char place[] = "/machine/unattached";
    char name[LAB_QOM_PATH - sizeof(place)];
    char text[128];
    char *line = malloc(QMP_LINE);
    bool found;

    snprintf(text, sizeof(text), "{\"execute\":\"qom-list\",\"arguments\":{\"path\":\"%s\"}}\n",
             place);
    found = line && answer_of(link, text, line, QMP_LINE) &&
            name_of(line, type, name, sizeof(name));
    free(line);
    if (found)
        snprintf(ret_path, LAB_QOM_PATH, "%s/%s", place, name);
    return found;
}
