-- Of sessions held, cancelled or missed, those held.
SELECT p.cohort_id, '' AS part, count(*) FILTER (WHERE s.held) AS numerator,
    count(*) AS denominator
FROM {{ ref('session_facts') }} s
JOIN {{ ref('partnership_facts') }} p ON p.id = s.partnership_id
WHERE s.ended AND s.starts_at <= CAST('{{ var("as_of") }}' AS timestamptz) AND NOT p.withdrawn
GROUP BY 1
