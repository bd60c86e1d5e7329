-- Columns of pairing_seat_facts.
SELECT id, partnership AS partnership_id, enrolment AS enrolment_id
FROM {{ source('roundtable', 'seats') }}
