using Actors.Broker.Network;
using Actors.Protocol;

namespace Actors.Broker.Apis;

/// <summary>
/// One API key. <see cref="Dispatch"/> runs in the connection's actor and awaits nothing: it tells the actors that decide,
/// and its callbacks complete the exchange when they have answered.
/// </summary>
internal abstract class Api(ApiKey key, short minVersion, short maxVersion)
{
    public ApiKey Key { get; } = key;

    /// <summary>Oldest version that is advertised.</summary>
    public short MinVersion { get; } = minVersion;

    /// <summary>Newest version that is advertised.</summary>
    public short MaxVersion { get; } = maxVersion;

    public bool Reads(short version) => version >= MinVersion && version <= MaxVersion;

    public abstract void Dispatch(IRequest request, Exchange exchange);
}

/// <inheritdoc/>
internal abstract class Api<TRequest>(ApiKey key, short minVersion, short maxVersion) : Api(key, minVersion, maxVersion)
    where TRequest : IRequest
{
    public sealed override void Dispatch(IRequest request, Exchange exchange) => Dispatch((TRequest)request, exchange);

    protected abstract void Dispatch(TRequest request, Exchange exchange);
}
