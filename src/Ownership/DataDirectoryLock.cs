using System.Globalization;

namespace Actors.Ownership;

/// <summary>Another process holds the data directory.</summary>
public sealed class DataDirectoryInUseException(string directory, Exception inner)
    : IOException($"The data directory {directory} is in use by another node.", inner)
{
    /// <summary>The directory, as an absolute path.</summary>
    public string Directory { get; } = directory;
}

/// <summary>
/// The operating system's lock on a data directory, held until disposed or until the process ends, however it ends. Who
/// holds it is the only one to write there, and fences every earlier writer.
/// </summary>
public sealed class DataDirectoryLock : IDisposable
{
    private const string FileName = "lock";
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;
    private const int SharingViolation = unchecked((int)0x80070020);

    private readonly FileStream _file;

    private DataDirectoryLock(FileStream file) => _file = file;

    /// <summary>Creates the directory if it is missing and locks it.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process holds it, or this one does already.</exception>
    /// <exception cref="IOException">The directory cannot be made or written.</exception>
    public static DataDirectoryLock Acquire(string directory)
    {
        var path = System.IO.Directory.CreateDirectory(directory).FullName;
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(path, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is WouldBlockLinux or WouldBlockMac or SharingViolation)
        {
            throw new DataDirectoryInUseException(path, e);
        }
        try
        {
            // For people who wonder who holds it.
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
            file.Flush();
        }
        catch
        {
            // Not the stream, which would try to write again.
            file.SafeFileHandle.Dispose();
            throw;
        }
        return new DataDirectoryLock(file);
    }

    /// <summary>Gives the directory up.</summary>
    public void Dispose() => _file.Dispose();
}
