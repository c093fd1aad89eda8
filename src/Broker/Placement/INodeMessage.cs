namespace Actors.Broker;

/// <summary>Goes from one node's broker to another's, written by <see cref="Placement.NodeSerializer"/>.</summary>
internal interface INodeMessage;
