-- How partnerships ended, as shares of those that did; whose people went on in another did not end.
WITH ended AS (
    SELECT cohort AS cohort_id, state
    FROM {{ source('roundtable', 'partnerships') }}
    WHERE state IN ('completed', 'ended', 'lapsed', 'never_started')
        AND coalesce(end_reason, '') <> 'joined'
)
SELECT cohort_id, outcome.part, count(*) FILTER (WHERE ended.state = outcome.state) AS numerator,
    count(*) AS denominator
FROM ended
CROSS JOIN (VALUES
    ('', 'completed'), ('ended', 'ended'), ('lapsed', 'lapsed'), ('never_started', 'never_started')
) AS outcome (part, state)
GROUP BY 1, 2
