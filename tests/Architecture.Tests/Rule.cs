namespace Actors.Architecture.Tests;

internal static class Rule
{
    /// <summary>Fails with every breach, one a line.</summary>
    public static void Holds(IEnumerable<string> breaches)
    {
        var found = breaches.Order(StringComparer.Ordinal).ToArray();
        Assert.True(found.Length == 0, $"{found.Length} breaches:\n{string.Join('\n', found)}");
    }
}
