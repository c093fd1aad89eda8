INSERT INTO node_lease (uid, node_id, endpoint, session_name, writer_uuid, counter, state)
VALUES (@uid, @node, @endpoint, @session, @writer, 1, 0)
