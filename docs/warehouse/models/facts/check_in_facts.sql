-- Columns of feedback_check_in_facts.
SELECT id, seat AS seat_id, due_on, changed_at, coalesce(answered_on < due_on, false) AS in_time
FROM {{ source('roundtable', 'check-ins') }}
