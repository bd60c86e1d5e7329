-- Columns of sessions_attendance_facts.
SELECT id, session AS session_id, seat AS seat_id, kind, kind = 'present' AS present
FROM {{ source('roundtable', 'attendance') }}
