INSERT INTO sql_lease (name, node_uid, writer_uuid, term)
SELECT @name, @me, @writer, @term WHERE EXISTS (SELECT 1 FROM node_lease AS mine WHERE mine.uid = @me AND mine.state = 0)
ON CONFLICT (name) DO NOTHING
