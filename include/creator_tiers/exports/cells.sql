-- How a cell of text becomes a value. Every macro yields NULL for what it cannot read, never a guess.
-- The variable `blanks` holds the characters of white space and the invisible ones,
-- `no_values` the spellings of "no value", `months` maps month names (lower case, every language in months.py) to 1..12.

-- The text without the white space and invisible marks around it; NULL when nothing is left.
CREATE OR REPLACE MACRO clean_text(cell) AS nullif(trim(cell, getvariable('blanks')), '');

-- The same for the cells of a large file, where trimming is the slowest step: what begins and ends in plain sight is
-- left alone. In a small file planning the longer expression costs more than it saves.
CREATE OR REPLACE MACRO clean_many(cell) AS
    CASE
        WHEN ascii(cell) BETWEEN 33 AND 126 AND ascii(cell[-1]) BETWEEN 33 AND 126 THEN cell
        ELSE clean_text(cell)
    END;

-- A cleaned text, NULL for the spellings of "no value". What begins with a digit or is long is none of them: that is
-- asked first, and of a list, because a long IN is planned as a join for every column.
CREATE OR REPLACE MACRO known_value(text) AS
    CASE
        WHEN text >= '0' AND text < ':' OR strlen(text) > 32 THEN text
        WHEN list_contains(getvariable('no_values'), lower(text)) THEN NULL
        ELSE text
    END;
CREATE OR REPLACE MACRO clean_value(cell) AS known_value(clean_text(cell));

-- Digits without the white space and apostrophes that group them; a minus sign (U+2212) as the keyboard's.
CREATE OR REPLACE MACRO ungroup(cell) AS
    CASE
        WHEN regexp_full_match(cell, '[+−-]?\d{1,3}([ \x{00A0}\x{202F}\x{2009}''’]\d{3})+([.,]\d+)?')
            THEN replace(regexp_replace(cell, '[ \x{00A0}\x{202F}\x{2009}''’]', '', 'g'), '−', '-')
        ELSE replace(cell, '−', '-')
    END;

-- Whether a cell can only be read with a decimal point / with a decimal comma: the file's evidence.
CREATE OR REPLACE MACRO shows_decimal_point(cell) AS
    coalesce(regexp_full_match(
        cell, '[+-]?(\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}|\d+\.(\d{1,2}|\d{4,})|\d{4,}\.\d+|0\.\d+)'
    ), false);
CREATE OR REPLACE MACRO shows_decimal_comma(cell) AS
    coalesce(regexp_full_match(
        cell, '[+-]?(\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}|\d+,(\d{1,2}|\d{4,})|\d{4,},\d+|0,\d+)'
    ), false);

-- A whole number written plainly.
CREATE OR REPLACE MACRO plain_integer(cell) AS
    CASE WHEN CAST(try_cast(cell AS BIGINT) AS VARCHAR) = cell THEN try_cast(cell AS BIGINT) END;

CREATE OR REPLACE MACRO only_digits(cell) AS try_cast(regexp_replace(cell, '[^0-9-]', '', 'g') AS BIGINT);

-- `1.2K`, `3M`, `1,2M`, `2B`. Three digits after the mark are a fraction or a group: only the file can tell.
CREATE OR REPLACE MACRO short_count(cell, style) AS
    CASE
        WHEN NOT regexp_full_match(cell, '[+-]?\d+([.,]\d+)? ?[KkMmBb]') THEN NULL
        WHEN regexp_full_match(cell, '[+-]?\d{1,3}[.,]\d{3} ?[KkMmBb]')
            AND (style IS NULL OR style = 'mixed') THEN NULL
        ELSE try_cast(
            try_cast(
                CASE
                    WHEN style = 'point' AND regexp_full_match(cell, '[+-]?\d{1,3},\d{3} ?[KkMmBb]')
                        THEN regexp_replace(cell, '[^0-9-]', '', 'g')
                    WHEN style = 'comma' AND regexp_full_match(cell, '[+-]?\d{1,3}\.\d{3} ?[KkMmBb]')
                        THEN regexp_replace(cell, '[^0-9-]', '', 'g')
                    ELSE replace(regexp_replace(cell, '[^0-9.,-]', '', 'g'), ',', '.')
                END AS DECIMAL(24, 9)
            ) * CASE upper(right(cell, 1)) WHEN 'K' THEN 1000 WHEN 'M' THEN 1000000 ELSE 1000000000 END
            AS BIGINT
        )
    END;

-- A count with marks in it. `style`: `point` or `comma` (the file's decimal mark), `mixed`, or NULL (no evidence).
-- Beyond plain digits, `5,431` is a group unless the file writes decimal commas; `1.234` is one only when the file shows it.
CREATE OR REPLACE MACRO marked_count(cell, style) AS
    CASE
        WHEN regexp_full_match(cell, '\+\d+') THEN try_cast(substr(cell, 2) AS BIGINT)
        WHEN regexp_full_match(cell, '[+-]?0\d*') THEN try_cast(cell AS BIGINT)
        WHEN regexp_full_match(cell, '[+-]?\d{1,3}(,\d{3})+')
            THEN CASE WHEN style IS NULL OR style = 'point' THEN only_digits(cell) END
        WHEN regexp_full_match(cell, '[+-]?\d{1,3}(\.\d{3})+')
            THEN CASE WHEN style = 'comma' THEN only_digits(cell) END
        WHEN regexp_full_match(cell, '[+-]?(\d{1,3}(,\d{3})+|\d+)\.0+')
            THEN CASE WHEN style IS NULL OR style <> 'comma' THEN only_digits(regexp_replace(cell, '\.0+$', '')) END
        WHEN regexp_full_match(cell, '[+-]?(\d{1,3}(\.\d{3})+|\d+),0+')
            THEN CASE WHEN style = 'comma' THEN only_digits(regexp_replace(cell, ',0+$', '')) END
        ELSE short_count(cell, style)
    END;

CREATE OR REPLACE MACRO parse_count(cell, style) AS
    coalesce(plain_integer(cell), plain_integer(ungroup(cell)), marked_count(ungroup(cell), style));

-- An amount written plainly; never a float on the way. `1.500` is none: it may be one and a half, or fifteen hundred.
CREATE OR REPLACE MACRO plain_money(cell) AS
    CASE
        WHEN regexp_full_match(cell, '-?(\d{1,14}(\.(\d{1,2}|\d{4}))?|(0\d{0,13}|\d{4,14})\.\d{3})')
            THEN try_cast(cell AS DECIMAL(18, 4))
    END;

-- An amount with marks in it: `1,234.50`, `1.234,50`, `$12`, `12 EUR`. A comma before three digits groups unless the
-- file writes decimal commas, a point there is read only where the file shows what it is; the only mark before one or two
-- digits is the decimal one unless the file shows both.
CREATE OR REPLACE MACRO marked_money(cell, style) AS
    CASE
        WHEN coalesce(style, 'mixed') = 'mixed' AND regexp_full_match(cell, '[+-]?[1-9]\d{0,2}\.\d{3}') THEN NULL
        WHEN regexp_full_match(cell, '[+-]?\d{1,14}(\.\d{1,4})?') AND coalesce(style, 'point') <> 'comma'
            THEN try_cast(cell AS DECIMAL(18, 4))
        WHEN regexp_full_match(cell, '[+-]?\d{1,14}') THEN try_cast(cell AS DECIMAL(18, 4))
        WHEN regexp_full_match(cell, '[+-]?\d{1,3}(,\d{3})+(\.\d{1,4})?') AND coalesce(style, 'point') = 'point'
            THEN try_cast(replace(cell, ',', '') AS DECIMAL(18, 4))
        WHEN regexp_full_match(cell, '[+-]?(\d{1,3}(\.\d{3})+|\d{1,14})(,\d{1,4})?') AND style = 'comma'
            THEN try_cast(replace(replace(cell, '.', ''), ',', '.') AS DECIMAL(18, 4))
    END;
CREATE OR REPLACE MACRO bare_amount(cell) AS
    ungroup(trim(regexp_replace(cell, '^(-?)\s*(?:\p{Sc}|[A-Z]{3})\s*|\s*(?:\p{Sc}|[A-Z]{3})$', '\1')));
CREATE OR REPLACE MACRO parse_money(cell, style) AS
    coalesce(
        CASE WHEN coalesce(style, 'point') <> 'comma' THEN plain_money(cell) END,
        marked_money(bare_amount(cell), style)
    );

-- A currency as ISO 4217 writes it.
CREATE OR REPLACE MACRO currency_code(cell) AS upper(cell);

-- What a cell lists, each once, in its own order: `A + b` holds the codes A and B.
CREATE OR REPLACE MACRO each_once(list) AS
    list_filter(list, lambda member, place: member IS NOT NULL AND list_position(list, member) = place);
CREATE OR REPLACE MACRO split_codes(cell, marks) AS
    each_once(list_transform(string_split_regex(cell, marks), lambda code: upper(clean_text(code))));
CREATE OR REPLACE MACRO split_texts(cell, marks) AS
    each_once(list_transform(string_split_regex(cell, marks), lambda part: clean_text(part)));

-- A value of the `name: value` lines of an order's note attributes.
CREATE OR REPLACE MACRO note_attribute(notes, name) AS
    clean_text(regexp_extract(notes, concat('(?im)^\s*', name, '\s*:[ \t]*(.*?)[ \t\r]*$'), 1));

-- The keyed hash (HMAC of SHA-256) of a trimmed text in lower case. The variables hold the two padded keys.
CREATE OR REPLACE MACRO keyed_hash(cell) AS
    sha256(getvariable('outer_key') || unhex(sha256(getvariable('inner_key') || encode(lower(cell)))));

-- The shape of a cell that may hold personal data.
CREATE OR REPLACE MACRO redacted(cell) AS
    regexp_replace(regexp_replace(cell, '\pL', 'x', 'g'), '\d', '0', 'g');

-- Seconds: `29`, `29.0`, `3:25`, `0:03:25`, `PT3M25S` (ISO 8601).
CREATE OR REPLACE MACRO duration_part(cell, unit) AS
    coalesce(try_cast(nullif(regexp_extract(cell, concat('(\d+)', unit), 1), '') AS DOUBLE), 0);
CREATE OR REPLACE MACRO parse_duration(cell) AS
    CASE
        WHEN regexp_full_match(cell, '\d+(\.\d+)?') THEN try_cast(cell AS DOUBLE)
        WHEN regexp_full_match(cell, '(\d+:)?\d{1,2}:\d{2}') THEN
            60 * (60 * coalesce(try_cast(regexp_extract(cell, '^(\d+):\d+:\d+$', 1) AS DOUBLE), 0)
            + CAST(regexp_extract(cell, '(\d+):\d+$', 1) AS DOUBLE))
            + CAST(regexp_extract(cell, '(\d+)$', 1) AS DOUBLE)
        WHEN regexp_full_match(cell, 'P(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?') AND regexp_matches(cell, '\d') THEN
            86400 * duration_part(cell, 'D') + 3600 * duration_part(cell, 'H')
            + 60 * duration_part(cell, 'M') + duration_part(cell, 'S')
    END;

-- Dates. A numeric date is `a b year` with a and b a day and a month in an order that the file decides.
CREATE OR REPLACE MACRO numeric_date(cell) AS
    regexp_extract(cell, '^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4}|\d{2})(?:$|[ T,].*)', ['a', 'mark', 'b', 'year']);
CREATE OR REPLACE MACRO date_part_a(cell) AS try_cast(numeric_date(cell).a AS INTEGER);
CREATE OR REPLACE MACRO date_part_b(cell) AS try_cast(numeric_date(cell).b AS INTEGER);

-- The order that one date shows by itself: `dmy`, `mdy`, `any` (both are the same day), NULL (it does not tell).
CREATE OR REPLACE MACRO shown_order(cell) AS
    CASE
        WHEN date_part_a(cell) = date_part_b(cell) AND date_part_a(cell) <= 12 THEN 'any'
        WHEN date_part_a(cell) > 12 AND date_part_b(cell) BETWEEN 1 AND 12 THEN 'dmy'
        WHEN date_part_b(cell) > 12 AND date_part_a(cell) BETWEEN 1 AND 12 THEN 'mdy'
    END;

-- How a numeric date is written: its mark, the length of its year, and whether small numbers carry a zero
-- (`0`), do not (`1`), or there is none (`*`).
CREATE OR REPLACE MACRO date_shape(cell) AS
    CASE
        WHEN date_part_a(cell) IS NOT NULL THEN concat(
            numeric_date(cell).mark, length(numeric_date(cell).year),
            CASE
                WHEN numeric_date(cell).a LIKE '0%' OR numeric_date(cell).b LIKE '0%' THEN '0'
                WHEN date_part_a(cell) < 10 OR date_part_b(cell) < 10 THEN '1'
                ELSE '*'
            END
        )
    END;

CREATE OR REPLACE MACRO full_year(digits) AS
    CASE WHEN length(digits) = 2 THEN 2000 + try_cast(digits AS INTEGER) ELSE try_cast(digits AS INTEGER) END;
CREATE OR REPLACE MACRO checked_date(year, month, day) AS
    try_cast(concat(
        lpad(CAST(year AS VARCHAR), 4, '0'), '-', lpad(CAST(month AS VARCHAR), 2, '0'), '-',
        lpad(CAST(day AS VARCHAR), 2, '0')
    ) AS DATE);

CREATE OR REPLACE MACRO ordered_date(cell, date_order) AS
    CASE coalesce(nullif(shown_order(cell), 'any'), date_order, shown_order(cell))
        WHEN 'dmy' THEN checked_date(full_year(numeric_date(cell).year), date_part_b(cell), date_part_a(cell))
        WHEN 'mdy' THEN checked_date(full_year(numeric_date(cell).year), date_part_a(cell), date_part_b(cell))
        WHEN 'any' THEN checked_date(full_year(numeric_date(cell).year), date_part_a(cell), date_part_b(cell))
    END;

-- A date with the month's name, in any language of `months`: `Mar 25, 2023`, `8-May-20`, `8 de marzo`, `9月6日`; and what
-- a spreadsheet makes of one, `2026-07-16`.
CREATE OR REPLACE MACRO without_time(cell) AS regexp_replace(cell, ',? ?\d{1,2}:\d{2}.*$', '');
CREATE OR REPLACE MACRO month_name(cell) AS
    lower(trim(regexp_replace(
        regexp_replace(without_time(cell), '[0-9.,/-]+|年', ' ', 'g'), '\s+(de|del|of)\s+|\s+(de|del)\s*$|\s+', ' ', 'g'
    )));
CREATE OR REPLACE MACRO east_asian_date(cell) AS
    regexp_extract(cell, '^(?:(\d{4})[年년]\s*)?(\d{1,2})[月월]\s*(\d{1,2})[日일]', ['year', 'month', 'day']);
CREATE OR REPLACE MACRO iso_date(cell) AS
    regexp_extract(cell, '^\d{4}-(\d{2})-(\d{2})(?:$|[ T])', ['month', 'day']);
CREATE OR REPLACE MACRO is_iso_date(cell) AS regexp_matches(cell, '^\d{4}-\d{2}-\d{2}(?:$|[ T])');
CREATE OR REPLACE MACRO named_month(cell) AS
    coalesce(
        try_cast(nullif(iso_date(cell).month, '') AS INTEGER),
        try_cast(nullif(east_asian_date(cell).month, '') AS INTEGER),
        try_cast(nullif(regexp_extract(cell, 'th(?:áng|g) (\d{1,2})(?:\D|$)', 1), '') AS INTEGER),
        getvariable('months')[month_name(cell)],
        getvariable('months')[regexp_replace(month_name(cell), '(^| )(de|del)( |$)', '')]
    );
CREATE OR REPLACE MACRO named_day(cell) AS
    coalesce(
        try_cast(nullif(iso_date(cell).day, '') AS INTEGER),
        try_cast(nullif(east_asian_date(cell).day, '') AS INTEGER),
        try_cast(nullif(regexp_extract(without_time(cell), '(?:^|[^0-9])(\d{1,2})(?:[^0-9]|$)', 1), '') AS INTEGER)
    );
CREATE OR REPLACE MACRO named_year(cell) AS
    coalesce(
        try_cast(nullif(regexp_extract(without_time(cell), '(?:^|[^0-9])(\d{4})(?:[^0-9]|$)', 1), '') AS INTEGER),
        2000 + try_cast(nullif(regexp_extract(without_time(cell), '\d{1,2}[^0-9]+(\d{2})$', 1), '') AS INTEGER)
    );
CREATE OR REPLACE MACRO named_date(cell) AS checked_date(named_year(cell), named_month(cell), named_day(cell));

CREATE OR REPLACE MACRO time_of_day(cell) AS
    coalesce(
        CAST(try_strptime(
            upper(nullif(regexp_extract(cell, '(\d{1,2}:\d{2}(?::\d{2})? ?[AaPp][Mm])', 1), '')),
            ['%I:%M %p', '%I:%M:%S %p', '%I:%M%p', '%I:%M:%S%p']
        ) AS TIME),
        CAST(try_strptime(
            nullif(regexp_extract(cell, '(\d{1,2}:\d{2}(?::\d{2})?)', 1), ''), ['%H:%M:%S', '%H:%M']
        ) AS TIME),
        TIME '00:00:00'
    );

-- ISO 8601 with or without time and offset; the offset is applied, none means UTC.
CREATE OR REPLACE MACRO iso_timestamp(cell) AS
    CASE
        WHEN NOT regexp_full_match(
            cell, '\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?( ?(Z|UTC|[+-]\d{2}(:?\d{2})?))?'
        ) THEN NULL
        WHEN regexp_full_match(cell, '.*\d{2}:\d{2}.*[+-]\d{2}(:?\d{2})?') THEN
            try_cast(replace(regexp_extract(cell, '^(.*?) ?[+-]\d{2}(:?\d{2})?$', 1), 'T', ' ') AS TIMESTAMP)
            - CASE WHEN regexp_extract(cell, '([+-])\d{2}(:?\d{2})?$', 1) = '-' THEN -1 ELSE 1 END
            * (
                to_hours(CAST(regexp_extract(cell, '[+-](\d{2})(:?\d{2})?$', 1) AS BIGINT))
                + to_minutes(coalesce(
                    try_cast(nullif(regexp_extract(cell, '[+-]\d{2}:?(\d{2})$', 1), '') AS BIGINT), 0
                ))
            )
        ELSE try_cast(replace(regexp_replace(cell, ' ?(Z|UTC)$', ''), 'T', ' ') AS TIMESTAMP)
    END;

CREATE OR REPLACE MACRO has_offset(cell) AS
    coalesce(regexp_full_match(cell, '.*\d{2}:\d{2}.* ?(Z|UTC|[+-]\d{2}(:?\d{2})?)'), false);

-- A wall-clock time as written, in whatever zone the column is. `date_order` decides numeric dates.
CREATE OR REPLACE MACRO parse_timestamp(cell, date_order) AS
    coalesce(
        iso_timestamp(cell),
        ordered_date(cell, date_order) + time_of_day(cell),
        named_date(cell) + time_of_day(cell)
    );

-- A numeric date that only the file could decide, and did not.
CREATE OR REPLACE MACRO is_ambiguous_date(cell, date_order) AS
    date_order IS NULL AND shown_order(cell) IS NULL
    AND coalesce(date_part_a(cell) BETWEEN 1 AND 12 AND date_part_b(cell) BETWEEN 1 AND 12, false);

-- The day of a history: the last such day that is not after the history's end.
CREATE OR REPLACE MACRO history_day(cell, last_day) AS
    CASE
        WHEN checked_date(year(last_day), named_month(cell), named_day(cell)) <= last_day
            THEN checked_date(year(last_day), named_month(cell), named_day(cell))
        ELSE checked_date(year(last_day) - 1, named_month(cell), named_day(cell))
    END;

-- Words, from words.yaml: the variables `kind_words` (word to kind) and `total_words`.
CREATE OR REPLACE MACRO kind_of(cell) AS
    list_filter(
        list_transform(string_split_regex(lower(cell), '[^\pL]+'), lambda word: getvariable('kind_words')[word]),
        lambda kind: kind IS NOT NULL
    )[1];
CREATE OR REPLACE MACRO is_total(cell) AS
    coalesce(
        list_contains(getvariable('total_words'), lower(replace(clean_text(cell), chr(173), ''))), false
    );

-- The id of digits behind the mark by which a spreadsheet was kept from making a number of it: `'179`, `="179"`.
CREATE OR REPLACE MACRO guarded_id(cell) AS
    nullif(regexp_extract(cell, '^(?:''|=)"?([0-9_]{5,40})"?$', 1), '');

-- The id that a post's address holds: Instagram's shortcode, else the path.
CREATE OR REPLACE MACRO permalink_key(permalink) AS
    coalesce(
        nullif(regexp_extract(permalink, 'instagram\.com/(?:[^/]+/)?(?:p|reel|reels|tv)/([A-Za-z0-9_-]+)', 1), ''),
        nullif(regexp_extract(permalink, 'facebook\.com/([^?#]+?)/?(?:[?#].*)?$', 1), '')
    );

-- The id of a post: its own, also behind a spreadsheet's mark, else the one that its address holds.
CREATE OR REPLACE MACRO post_id_of(id, permalink) AS
    CASE
        WHEN regexp_full_match(id, '[0-9_]{5,40}') THEN id
        ELSE coalesce(guarded_id(id), permalink_key(permalink))
    END;

-- A trimmed handle as keys have it: without one leading `@`, in lower case.
CREATE OR REPLACE MACRO bare_handle(handle) AS
    lower(CASE WHEN starts_with(handle, '@') THEN substr(handle, 2) ELSE handle END);

CREATE OR REPLACE MACRO concat_key(platform, id) AS platform || ':' || id;

-- The shortcode in the spelling of Instagram's own exports; empty for any other.
CREATE OR REPLACE MACRO own_shortcode(link) AS
    regexp_extract(link, '^https://www\.instagram\.com/(?:p|reel|reels|tv)/([A-Za-z0-9_-]+)/?$', 1);

-- A post's address in any of its spellings, by platform; NULL for none that is known. Asked first is the spelling of the platform's own exports: it is recognised ten times as fast as the others.
CREATE OR REPLACE MACRO link_key(link) AS coalesce(
    concat_key('instagram', nullif(own_shortcode(link), '')),
    CASE
        WHEN regexp_matches(link, '(?i)instagram\.com/') THEN
            concat_key('instagram', nullif(regexp_extract(
                link, '(?i)instagram\.com/(?:[^/?#]+/)?(?:p|reel|reels|tv)/([A-Za-z0-9_-]+)', 1
            ), ''))
        WHEN regexp_matches(link, '(?i)tiktok\.com/') THEN
            concat_key('tiktok', nullif(regexp_extract(link, '/(?:video|photo)/(\d{15,20})', 1), ''))
        WHEN regexp_matches(link, '(?i)youtu\.?be') THEN
            concat_key('youtube', nullif(regexp_extract(
                link, '(?i)(?:youtu\.be/|/shorts/|/embed/|/live/|[?&]v=)([A-Za-z0-9_-]{11})', 1
            ), ''))
        WHEN regexp_matches(link, '(?i)facebook\.com/') THEN
            concat_key('facebook', nullif(regexp_extract(link, '(?i)facebook\.com/([^?#]+?)/?(?:[?#].*)?$', 1), ''))
    END
);

CREATE OR REPLACE MACRO csv_cell(cell) AS
    CASE
        WHEN cell IS NULL THEN ''
        WHEN regexp_matches(cell, '[",\r\n]') THEN concat('"', replace(cell, '"', '""'), '"')
        ELSE cell
    END;
