using System.Globalization;
using Xunit;

namespace Actors.Protocol.Tests.Messages;

public class ApiVersionTableSpec
{
    [Fact]
    public void Header_versions_are_Kafkas()
    {
        var compared = 0;
        foreach (var api in WireData.Document("header-versions.json").EnumerateObject())
        {
            var key = (ApiKey)short.Parse(api.Name, CultureInfo.InvariantCulture);
            Assert.Equal(key.ToString(), api.Value.String("name"));
            if (!ApiVersionTable.TryFind(key, out var definition)) continue;
            foreach (var version in api.Value.GetProperty("request").EnumerateObject())
                Assert.Equal(version.Value.GetInt16(), definition.RequestHeaderVersion(short.Parse(version.Name, CultureInfo.InvariantCulture)));
            foreach (var version in api.Value.GetProperty("response").EnumerateObject())
                Assert.Equal(version.Value.GetInt16(), definition.ResponseHeaderVersion(short.Parse(version.Name, CultureInfo.InvariantCulture)));
            compared++;
        }

        Assert.Equal(63, compared);
        Assert.Equal(compared, ApiVersionTable.All.Count);
    }

    [Fact]
    public void Versions_that_may_change_are_marked() =>
        Assert.Equal(
            [ApiKey.EndTxn, ApiKey.ConsumerGroupHeartbeat, ApiKey.ShareGroupHeartbeat, ApiKey.ShareGroupDescribe, ApiKey.ShareFetch, ApiKey.ShareAcknowledge],
            ApiVersionTable.All.Where(api => api.LatestVersionUnstable).Select(api => api.Key));

    [Fact]
    public void A_key_without_messages_is_refused()
    {
        Assert.False(ApiVersionTable.TryFind(ApiKey.LeaderAndIsr, out _));
        Assert.False(ApiVersionTable.TryFind((ApiKey)(-1), out _));
        Assert.False(ApiVersionTable.TryFind((ApiKey)short.MaxValue, out _));
        Assert.Throws<UnsupportedVersionException>(() => ApiVersionTable.Of(ApiKey.LeaderAndIsr));
    }
}
