-- Of active participants, those who have or had a seat at a published table.
SELECT e.cohort AS cohort_id, '' AS part,
    count(*) FILTER (WHERE EXISTS (
        SELECT 1
        FROM {{ source('roundtable', 'seats') }} t
        JOIN {{ source('roundtable', 'partnerships') }} p ON p.id = t.partnership
        WHERE t.enrolment = e.id AND p.state NOT IN ('proposed', 'withdrawn')
    )) AS numerator,
    count(*) AS denominator
FROM {{ source('roundtable', 'enrolments') }} e
WHERE e.state = 'active'
GROUP BY 1
