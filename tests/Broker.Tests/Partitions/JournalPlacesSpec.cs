using Actors.Broker.Partitions;
using Actors.Machines;
using Xunit;

namespace Actors.Broker.Tests.Partitions;

/// <summary>Remembers where a few reads of the journal ended.</summary>
public sealed class JournalPlacesSpec
{
    [Fact]
    public void The_nearest_place_at_or_before_an_offset_is_found()
    {
        var places = new JournalPlaces();
        places.Remember(100, 10);
        places.Remember(50, 5);
        places.Remember(200, 20);
        Assert.Null(places.Before(49));
        Assert.Equal(new JournalPlace(50, 5), places.Before(50));
        Assert.Equal(new JournalPlace(100, 10), places.Before(199));
        Assert.Equal(new JournalPlace(200, 20), places.Before(long.MaxValue));
    }

    [Fact]
    public void The_oldest_ones_are_forgotten()
    {
        var places = new JournalPlaces();
        for (var i = 1; i <= 100; i++)
            places.Remember(i * 10, i);
        Assert.Null(places.Before(10 * 10));
        Assert.Equal(new JournalPlace(1_000, 100), places.Before(5_000));
        Assert.Equal(32, Enumerable.Range(1, 100).Count(i => places.Before(i * 10)?.Offset == i * 10));
    }
}
