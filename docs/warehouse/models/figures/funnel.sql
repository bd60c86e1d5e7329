-- How far people come.
WITH person AS (
    SELECT e.cohort AS cohort_id, e.state, e.started_at IS NOT NULL AS started,
        e.accepted_at IS NOT NULL
            AND e.state IN ('accepted', 'active', 'completed', 'finished', 'withdrawn') AS accepted,
        EXISTS (
            SELECT 1
            FROM {{ ref('attendance_facts') }} a
            JOIN {{ ref('session_facts') }} s ON s.id = a.session_id
            JOIN {{ ref('seat_facts') }} t ON t.id = a.seat_id
            WHERE t.enrolment_id = e.id AND a.present AND s.held
        ) AS came
    FROM {{ source('roundtable', 'enrolments') }} e
)
SELECT cohort_id, step.part, count(*) FILTER (WHERE step.reached) AS numerator,
    count(*) AS denominator
FROM person
CROSS JOIN LATERAL (VALUES
    ('applied', true),
    ('accepted', accepted),
    ('active', started),
    ('met', started AND came),
    ('completed', state = 'completed')
) AS step (part, reached)
GROUP BY 1, 2
