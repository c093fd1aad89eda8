using Akka.Actor;

namespace Akka.Cluster
{
    /// <summary>Decides what becomes of unreachable members. The class has a constructor with the actor system and its cluster.</summary>
    public interface IDowningProvider
    {
        /// <summary>How long to wait, after a member was declared down, before its work is taken over.</summary>
        TimeSpan DownRemovalMargin { get; }

        /// <summary>The actor that decides; null for none.</summary>
        Props DowningActorProps { get; }
    }

    /// <summary>Leaves unreachable members to the operator.</summary>
    public sealed class NoDowning : IDowningProvider
    {
        private readonly Cluster _cluster;

        public NoDowning(ActorSystem system, Cluster cluster) => _cluster = cluster;

        public TimeSpan DownRemovalMargin => _cluster.Settings.DownRemovalMargin;

        public Props DowningActorProps => null;
    }
}

namespace Akka.Cluster.SBR
{
    /// <summary>
    /// Members that are unreachable are declared down by the oldest member that is not. There are no two sides of a split to choose
    /// from, for the database is one: who does not renew there has lost.
    /// </summary>
    public class SplitBrainResolverProvider : IDowningProvider
    {
        private readonly Cluster _cluster;

        public SplitBrainResolverProvider(ActorSystem system, Cluster cluster) => _cluster = cluster;

        public TimeSpan DownRemovalMargin => _cluster.Settings.DownRemovalMargin;

        /// <summary>None: the decision falls where the rows are read.</summary>
        public Props DowningActorProps => null;
    }
}
