/* lab/style.c - see style.h. */
#include "lab/style.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool environment_set(const char *name)
{
    const char *value = getenv(name);

    return value && *value;
}

static bool wants_colour(FILE *file, enum lab_colour_mode mode)
{
    const char *terminal = getenv("TERM");
    const char *force = getenv("CLICOLOR_FORCE");

    if (mode != LAB_COLOUR_AUTO)
        return mode == LAB_COLOUR_ALWAYS;
    if (environment_set("NO_COLOR"))
        return false;
    if (force && *force && strcmp(force, "0") != 0)
        return true;
    if (terminal && strcmp(terminal, "dumb") == 0)
        return false;
    return isatty(fileno(file)) == 1;
}

static unsigned terminal_width(FILE *file)
{
    struct winsize size;

    if (isatty(fileno(file)) == 1 && ioctl(fileno(file), TIOCGWINSZ, &size) == 0 &&
        size.ws_col > 0)
        return size.ws_col;
    return LAB_WIDTH_DEFAULT;
}

void lab_style_detect(struct lab_style *ret_style, FILE *file, enum lab_colour_mode mode,
                      bool ascii, unsigned width)
{
    setlocale(LC_CTYPE, "");
    ret_style->utf8 = !ascii && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    ret_style->colour = wants_colour(file, mode);
    ret_style->width = width ? width : terminal_width(file);
    if (ret_style->width < LAB_WIDTH_MIN)
        ret_style->width = LAB_WIDTH_MIN;
    if (ret_style->width > LAB_WIDTH_MAX)
        ret_style->width = LAB_WIDTH_MAX;
}

void lab_style_set(const struct lab_style *style, FILE *file, unsigned ink)
{
    /* Okabe and Ito's colours in the 256-colour palette, readable on light and dark grounds. */
    static const unsigned char device[LAB_DEVICE_INKS] = {32, 134, 36, 172, 74, 175, 142, 244};

    if (!style->colour)
        return;
    switch (ink) {
    case LAB_INK_PLAIN:
        fputs("\033[0m", file);
        break;
    case LAB_INK_SOFT:
        fputs("\033[38;5;245m", file);
        break;
    case LAB_INK_STRONG:
        fputs("\033[1m", file);
        break;
    case LAB_INK_LOST:
        fputs("\033[1;38;5;202m", file);
        break;
    case LAB_INK_LATE:
        fputs("\033[38;5;178m", file);
        break;
    case LAB_INK_GOOD:
        fputs("\033[38;5;36m", file);
        break;
    default:
        fprintf(file, "\033[1;38;5;%um", device[(ink - LAB_INK_DEVICE) % LAB_DEVICE_INKS]);
        break;
    }
}

void lab_style_put(const struct lab_style *style, FILE *file, unsigned ink, const char *text)
{
    if (ink != LAB_INK_PLAIN)
        lab_style_set(style, file, ink);
    fputs(text, file);
    if (ink != LAB_INK_PLAIN)
        lab_style_set(style, file, LAB_INK_PLAIN);
}

const char *lab_style_shape(const struct lab_style *style, unsigned device)
{
    static const char *const shape[] = {"●", "◆", "▲", "■", "○", "◇", "△", "□"};
    static const char *const letter[] = {"A", "B", "C", "D", "E", "F", "G", "H"};

    enum { SHAPES = sizeof(shape) / sizeof(shape[0]) };

    return style->utf8 ? shape[device % SHAPES] : letter[device % SHAPES];
}

size_t lab_style_columns(const char *text)
{
    size_t columns = 0;

    for (; *text; text++)
        columns += ((unsigned char)*text & 0xc0) != 0x80;
    return columns;
}

void lab_style_blanks(FILE *file, size_t count)
{
    while (count-- > 0)
        fputc(' ', file);
}

void lab_style_time(char *ret_text, size_t size, unsigned long long ns)
{
    static const struct {
        unsigned long long ns;
        const char *name;
    } unit[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};

    size_t i = 0;

    if (ns == 0) {
        snprintf(ret_text, size, "0");
        return;
    }
    while (ns % unit[i].ns != 0)
        i++;
    snprintf(ret_text, size, "%llu%s", ns / unit[i].ns, unit[i].name);
}
