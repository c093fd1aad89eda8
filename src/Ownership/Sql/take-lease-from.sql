-- The owner is one that is out, or oneself.
UPDATE sql_lease SET node_uid = @me, writer_uuid = @writer, term = @term
WHERE name = @name AND node_uid = @owner AND EXISTS (SELECT 1 FROM node_lease AS mine WHERE mine.uid = @me AND mine.state = 0)
