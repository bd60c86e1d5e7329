-- Columns of pairing_partnership_facts.
SELECT id, cohort AS cohort_id, state = 'withdrawn' AS withdrawn
FROM {{ source('roundtable', 'partnerships') }}
