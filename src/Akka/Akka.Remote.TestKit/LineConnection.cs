using System.Net.Sockets;
using System.Text;

namespace Akka.Remote.TestKit;

/// <summary>Lines of fields between the conductor and a node; fields are parted by tabs.</summary>
internal sealed class LineConnection : IDisposable
{
    private readonly TcpClient _client;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;
    private readonly SemaphoreSlim _writing = new(1);

    internal LineConnection(TcpClient client)
    {
        client.NoDelay = true;
        _client = client;
        _reader = new StreamReader(client.GetStream(), new UTF8Encoding(false));
        _writer = new StreamWriter(client.GetStream(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
    }

    /// <summary>The next line's fields, or null when the other side has gone.</summary>
    internal async Task<string[]?> Read()
    {
        try
        {
            return (await _reader.ReadLineAsync().ConfigureAwait(false))?.Split('\t');
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>False when the other side has gone.</summary>
    internal async Task<bool> Write(params string[] fields)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            await _writer.WriteLineAsync(string.Join('\t', fields.Select(field => field.ReplaceLineEndings(" ").Replace('\t', ' ')))).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _client.Dispose();
}
