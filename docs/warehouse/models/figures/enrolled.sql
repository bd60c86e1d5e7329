-- People whose enrolment was accepted, whatever came of them.
SELECT e.cohort AS cohort_id, '' AS part, count(*) AS numerator, count(*) AS denominator
FROM {{ source('roundtable', 'enrolments') }} e
WHERE e.accepted_at IS NOT NULL
    AND e.state IN ('accepted', 'active', 'completed', 'finished', 'withdrawn')
GROUP BY 1
