namespace Akka.Persistence.Sql.Storage;

/// <summary>The statements: one a file, the dialect's own where there is one, else the one for all.</summary>
internal static class SqlText
{
    public static string Load(string dialect, string name)
    {
        var assembly = typeof(SqlText).Assembly;
        using var stream = assembly.GetManifestResourceStream($"Sql/{dialect}/{name}")
            ?? assembly.GetManifestResourceStream($"Sql/{name}")
            ?? throw new InvalidOperationException($"There is no statement {name} for {dialect}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
