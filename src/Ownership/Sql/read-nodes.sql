SELECT uid, node_id, counter, state, endpoint, session_name, writer_uuid FROM node_lease
