# plot.awk: figures of bench_loop (KIND NAME N A VALUE LOW HIGH UNIT) as one page of SVG: a panel
# per ring or number of timers, a bar per loop, the quartiles as a whisker.
function escape(text)
{
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    return text
}

NF == 8 && $5 ~ /^[0-9.]+$/ {
    title = $1
    if ($3 > 0)
        title = title ", N " $3
    if ($4 > 0)
        title = title ", A " $4
    title = title " (" $8 ")"
    if (!(title in first)) {
        order[++panels] = title
        first[title] = rows + 1
    }
    rows++
    panel[rows] = title
    name[rows] = $2
    value[rows] = $5
    low[rows] = $6
    high[rows] = $7
    if ($7 > most[title])
        most[title] = $7
    count[title]++
}

END {
    height = 20
    for (p = 1; p <= panels; p++)
        height += 34 + 18 * count[order[p]]
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"%d\" " \
        "font-family=\"sans-serif\" font-size=\"12\">\n", height
    print "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
    y = 10
    for (p = 1; p <= panels; p++) {
        y += 18
        printf "<text x=\"10\" y=\"%d\" font-weight=\"bold\">%s</text>\n", y, escape(order[p])
        y += 6
        for (r = 1; r <= rows; r++) {
            if (panel[r] != order[p])
                continue
            scale = 440 / most[order[p]]
            printf "<text x=\"160\" y=\"%d\" text-anchor=\"end\">%s</text>\n", y + 12,
                escape(name[r])
            printf "<rect x=\"168\" y=\"%d\" width=\"%.1f\" height=\"12\" fill=\"%s\"/>\n", y + 2,
                value[r] * scale, name[r] ~ /^irqlab/ ? "#4477aa" : "#bbbbbb"
            printf "<path d=\"M%.1f %dH%.1f\" stroke=\"#000\"/>\n", 168 + low[r] * scale, y + 8,
                168 + high[r] * scale
            printf "<text x=\"%.1f\" y=\"%d\">%s</text>\n", 174 + high[r] * scale, y + 12, value[r]
            y += 18
        }
        y += 10
    }
    print "</svg>"
}
