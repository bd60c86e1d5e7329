-- Of seats whose attendance was recorded at held sessions, those whose person was present.
SELECT p.cohort_id, '' AS part, count(*) FILTER (WHERE a.present) AS numerator,
    count(*) AS denominator
FROM {{ ref('attendance_facts') }} a
JOIN {{ ref('session_facts') }} s ON s.id = a.session_id
JOIN {{ ref('partnership_facts') }} p ON p.id = s.partnership_id
WHERE s.held AND s.starts_at <= CAST('{{ var("as_of") }}' AS timestamptz)
GROUP BY 1
