// What a node tells over /events, by the names of the events.

/** @typedef {{ id: number, kafka: string, http: string, roles: string[], status: string, leaders: number, groups: number, tasks: number }} Node */
/** @typedef {{ nodes: Node[], controller: number, this_node: number, problems: string[] }} Cluster */

/** @typedef {{ partition: number, leader: number, leader_epoch: number, end_offset: number | null, rate: number | null }} Partition */
/** @typedef {{ topic: string, internal: boolean, partitions: Partition[], rate: number | null }} Topic */

/** @typedef {{ topic: string, partition: number }} TopicPartition */
/** @typedef {{ member_id: string, group_instance_id: string | null, client_id: string, host: string, assignment: TopicPartition[], lag: number }} Member */
/** @typedef {{ topic: string, partition: number, committed_offset: number | null, end_offset: number | null, lag: number | null, member_id: string | null }} GroupOffset */
/**
 * @typedef {{ group: string, state: string, protocol_type: string, assignor: string, generation: number | null, coordinator: number,
 *   members: Member[], lag: number, offsets: GroupOffset[] }} Group
 */

/** @typedef {{ id: string, node: number, state: string, lag: number }} Task */
/** @typedef {{ name: string, state: string, reason: string | null, guarantee: string, tasks: Task[] }} Topology */
/** @typedef {{ id: string, kind: "topic" | "table" | "flow", label: string, stages: string[] }} GraphNode */
/** @typedef {{ nodes: GraphNode[], edges: { from: string, to: string }[] }} Graph */

/** @typedef {{ group: string, at: number, generation: number | null, assignor: string, members: Member[] }} Assignment */
/** @typedef {{ group: string, at: number, member_id: string, group_instance_id: string | null, client_id: string, host: string, reason?: string }} MemberChange */
/** @typedef {{ group: string, at: number, generation: number, assignor: string, members: number }} Generation */
/** @typedef {{ topic: string, partition: number, at: number, from: number, to: number }} LeaderMoved */
/** @typedef {{ topology: string, task: string, at: number, from: number, to: number }} TaskMoved */
/** Something, by its name, that went from a node to another; below 0 is none. @typedef {{ what: string, from: number, to: number }} Move */

/**
 * One line of what happened, numbered as they came; member is the id of whom it happened to, moves are what moved at once.
 * @typedef {{ number: number, at: number, kind: "in" | "out" | "turn" | "move", where: string, what: string, member: string | null, moves: Move[] }} Happened
 */

/**
 * An assignment that was: owners by "topic/partition".
 * @typedef {{ generation: number | null, at: number, owners: Map<string, string> }} PastAssignment
 */

export {};
