-- Columns of sessions_session_facts.  What was called off because a partnership was over, paused or
-- taken back has not ended: it is not counted.
SELECT id, partnership AS partnership_id, day, starts_at, changed_at, state, cause,
    state = 'held' AS held, state = 'cancelled' AS cancelled,
    state IN ('held', 'missed') OR (
        state = 'cancelled' AND coalesce(cause, '') NOT IN ('ended', 'paused', 'taken_back')
    ) AS ended
FROM {{ source('roundtable', 'sessions') }}
