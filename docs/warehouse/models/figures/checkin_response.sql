-- Of check-ins whose next one has fallen due, those answered before that.
SELECT p.cohort_id, '' AS part, count(*) FILTER (WHERE c.in_time) AS numerator,
    count(*) AS denominator
FROM {{ ref('check_in_facts') }} c
JOIN {{ ref('seat_facts') }} t ON t.id = c.seat_id
JOIN {{ ref('partnership_facts') }} p ON p.id = t.partnership_id
WHERE c.due_on <= CAST(CAST('{{ var("as_of") }}' AS timestamptz) AT TIME ZONE '{{ var("time_zone") }}' AS date)
GROUP BY 1
