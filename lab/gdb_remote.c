/* lab/gdb_remote.c - the debugger's side of the GDB remote serial protocol. */
#include "lab/gdb_remote.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 2048 }; /* QEMU: MAX_PACKET_LENGTH / 2 */

bool lab_gdb_send(struct lab_link *link, const char *text)
{
    char packet[512];
    unsigned sum = 0;
    int length;

    for (const char *c = text; *c; c++)
        sum += (unsigned char)*c;
    length = snprintf(packet, sizeof(packet), "$%s#%02x", text, sum & 0xff);
    return length > 0 && (size_t)length < sizeof(packet) &&
           lab_link_send(link, packet, (size_t)length);
}

long lab_gdb_receive(struct lab_link *link, char ret_text[LAB_GDB_PACKET_MAX])
{
    long length = 0;
    int byte;

    do
        byte = lab_link_byte(link); /* acknowledgements of what we sent */
    while (byte >= 0 && byte != '$');
    while (byte >= 0 && (byte = lab_link_byte(link)) != '#')
        if (length + 1 < LAB_GDB_PACKET_MAX)
            ret_text[length++] = (char)byte;
    /* a socket does not garble: the checksum is not looked at */
    if (byte < 0 || lab_link_byte(link) < 0 || lab_link_byte(link) < 0)
        return -1;
    ret_text[length] = 0;
    lab_link_send(link, "+", 1); /* after its last packet nobody is there to take it */
    return length;
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_chunk(struct lab_link *link, uint64_t address, uint8_t *bytes, size_t size)
{
    char text[LAB_GDB_PACKET_MAX];

    snprintf(text, sizeof(text), "m%" PRIx64 ",%zx", address, size);
    if (!lab_gdb_send(link, text) || lab_gdb_receive(link, text) != (long)(2 * size))
        return false;
    for (size_t i = 0; i < size; i++) {
        int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool lab_gdb_read(struct lab_link *link, uint64_t address, void *ret_bytes, size_t size)
{
    uint8_t *bytes = ret_bytes;

    while (size) {
        size_t chunk = size < READ_BYTES ? size : READ_BYTES;
        if (!read_chunk(link, address, bytes, chunk))
            return false;
        address += chunk;
        bytes += chunk;
        size -= chunk;
    }
    return true;
}

bool lab_gdb_parse_call(const char *text, struct lab_gdb_call *ret_call)
{
    size_t length = strcspn(text, ",");
    const char *at = text + length;

    *ret_call = (struct lab_gdb_call){.length = 0};
    if (text[0] != 'F' || length < 2 || length > sizeof(ret_call->name))
        return false;
    memcpy(ret_call->name, text + 1, length - 1);
    for (unsigned i = 0; i < 4 && *at == ','; i++) {
        char *end;
        ret_call->argument[i] = strtoull(at + 1, &end, 16);
        if (*end == '/')
            ret_call->length = strtoull(end + 1, &end, 16);
        at = end;
    }
    return true;
}

bool lab_gdb_answer(struct lab_link *link, long result)
{
    char text[32];

    if (result < 0)
        snprintf(text, sizeof(text), "F-1,1");
    else
        snprintf(text, sizeof(text), "F%lx", result);
    return lab_gdb_send(link, text);
}
