using Actors.Protocol.Records;
using Xunit;

namespace Actors.Node.Tests;

/// <summary>A data directory that cannot be used is refused with a reason, exit code 1, and left as it is.</summary>
public sealed class DataSpec : IDisposable
{
    private const int Unusable = 1;
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("actors-data-");

    private string Database => Path.Combine(_data.FullName, "actors.db");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public void A_damaged_database_is_named_with_what_to_do_and_a_copy_put_back_is_served()
    {
        using (var node = NodeUnderTest.StartOn(_data.FullName))
        {
            using var client = new WireClient(node.Kafka);
            client.CreateTopic("t");
            for (var i = 0; i < 40; i++)
                Assert.Equal(0, client.Produce("t", Batch()).ErrorCode);
            Assert.Equal(0, node.Terminate());
        }
        var whole = File.ReadAllBytes(Database);
        Assert.True(whole.Length > 400_000, $"the database has {whole.Length} bytes");
        Assert.False(File.Exists(Database + "-wal") && new FileInfo(Database + "-wal").Length > 0, "a log was left beside the database");

        Refused("not a database at all"u8.ToArray());
        Refused([.. Enumerable.Repeat((byte)'x', 100), .. whole[100..]]);
        Refused(whole[..(whole.Length / 2)]);
        // Every second page of the trees is overwritten, the header and the schema are as they were.
        var holes = (byte[])whole.Clone();
        for (var page = 1; page < whole.Length / 16384; page += 2)
            holes.AsSpan(page * 16384, 16384).Fill(0xa5);
        Refused(holes);

        File.WriteAllBytes(Database, whole);
        using var again = NodeUnderTest.StartOn(_data.FullName);
        using var reader = new WireClient(again.Kafka);
        Assert.Equal(40, reader.Fetch("t", 0).HighWatermark);
    }

    [Theory]
    [InlineData("2\n", "is of version 2, this node reads up to version 1")]
    [InlineData("1.5", "holds \"1.5\". This node writes version 1")]
    public void A_directory_of_another_version_is_refused_with_both(string version, string reason)
    {
        var file = Path.Combine(_data.FullName, "version");
        File.WriteAllText(file, version);
        var run = Run();
        Assert.Equal((Unusable, version), (run.ExitCode, File.ReadAllText(file)));
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Contains(_data.FullName, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Database), "a database was made");
    }

    private void Refused(byte[] database)
    {
        File.WriteAllBytes(Database, database);
        var run = Run();
        Assert.True(run.ExitCode == Unusable, $"exit code {run.ExitCode}: {run.Error}");
        Assert.Contains($"The database file {Database} is damaged", run.Error, StringComparison.Ordinal);
        Assert.Contains("Put back a copy", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.Equal(database, File.ReadAllBytes(Database));
    }

    private ToolResult Run() => Tool.Run("dotnet", [NodeUnderTest.Dll, "--data", _data.FullName, "--kafka", "127.0.0.1:0", "--http", "127.0.0.1:0"], seconds: 60);

    private static byte[] Batch()
    {
        using var builder = new RecordBatchBuilder(Compression.None);
        builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), (byte[]?)null, new byte[10_000]);
        return builder.Build();
    }
}
