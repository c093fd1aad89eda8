-- FOR SHARE makes the fence and the fenced one's open transactions wait for each other: once the fence is committed, every row
-- of that writer is either visible or refused.
CREATE OR REPLACE FUNCTION journal_fence() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    is_fenced BOOLEAN;
BEGIN
    SELECT f.fenced INTO is_fenced FROM fenced f WHERE f.writer_uuid = NEW.writer_uuid FOR SHARE;
    IF is_fenced THEN
        RAISE EXCEPTION 'the journal writer is fenced' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$body$
