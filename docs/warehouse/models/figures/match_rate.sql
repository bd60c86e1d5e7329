-- Of active participants, those with an open seat at a table that is open.
SELECT e.cohort AS cohort_id, '' AS part,
    count(*) FILTER (WHERE EXISTS (
        SELECT 1
        FROM {{ source('roundtable', 'seats') }} t
        JOIN {{ source('roundtable', 'partnerships') }} p ON p.id = t.partnership
        WHERE t.enrolment = e.id AND t.left_at IS NULL
            AND p.state IN ('proposed', 'active', 'paused')
    )) AS numerator,
    count(*) AS denominator
FROM {{ source('roundtable', 'enrolments') }} e
WHERE e.state = 'active'
GROUP BY 1
