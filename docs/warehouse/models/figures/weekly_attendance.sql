-- The same by week; a part is named by the first day of its week.
SELECT p.cohort_id,
    CAST(s.day - (CAST(extract(isodow FROM s.day) AS int) - 1 - {{ var("week_starts_on") }} + 7) % 7 AS text) AS part,
    count(*) FILTER (WHERE a.present) AS numerator, count(*) AS denominator
FROM {{ ref('attendance_facts') }} a
JOIN {{ ref('session_facts') }} s ON s.id = a.session_id
JOIN {{ ref('partnership_facts') }} p ON p.id = s.partnership_id
WHERE s.held AND s.starts_at <= CAST('{{ var("as_of") }}' AS timestamptz)
GROUP BY 1, 2
