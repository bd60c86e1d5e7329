-- The median of hours from asking to the answer; a number, no share.
SELECT c.cohort AS cohort_id, '' AS part, CAST(NULL AS bigint) AS numerator,
    count(*) AS denominator,
    round(CAST(percentile_cont(0.5) WITHIN GROUP (
        ORDER BY extract(epoch FROM c.answered_at - c.opened_at) / 3600
    ) AS numeric), 4) AS value
FROM {{ source('roundtable', 'check-ins') }} c
JOIN {{ ref('partnership_facts') }} p ON p.id = c.partnership
WHERE c.answered_at IS NOT NULL AND NOT p.withdrawn AND c.due_on <= CAST(CAST('{{ var("as_of") }}' AS timestamptz) AT TIME ZONE '{{ var("time_zone") }}' AS date)
GROUP BY 1
