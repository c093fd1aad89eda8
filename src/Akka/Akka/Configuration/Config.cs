using System.Text;
using Akka.Configuration.Hocon;

namespace Akka.Configuration;

/// <summary>An immutable tree of settings with typed getters. Paths are dotted; a part that holds dots stands in quotes.</summary>
public class Config
{
    public static readonly Config Empty = new();

    private readonly HoconValue _root;

    public Config() => _root = HoconValue.Of(new HoconObject());

    internal Config(HoconValue root) => _root = root ?? HoconValue.Of(new HoconObject());

    public Config(Config source, Config fallback) : this(HoconValue.Merge(source.Root, fallback?.Root)) { }

    public HoconValue Root => _root;

    public virtual bool IsEmpty => _root.IsEmpty;

    public virtual Config WithFallback(Config fallback)
    {
        if (ReferenceEquals(fallback, this)) throw new ArgumentException("Config can not have itself as fallback", nameof(fallback));
        if (fallback is null || fallback.IsEmpty) return this;
        return IsEmpty ? fallback : new Config(HoconValue.Merge(_root, fallback._root));
    }

    private HoconValue Find(string path)
    {
        var node = _root;
        foreach (var part in SplitPath(path))
        {
            node = node.GetChildObject(part);
            if (node is null) return null;
        }
        return node.IsObject() || node.IsArray() || node.IsString() ? node : null;
    }

    private static List<string> SplitPath(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!path.Contains('"')) return [.. path.Split('.')];
        var parts = new List<string>();
        var part = new StringBuilder();
        var quoted = false;
        foreach (var c in path)
        {
            if (c == '"') quoted = !quoted;
            else if (c == '.' && !quoted) { parts.Add(part.ToString()); part.Clear(); }
            else part.Append(c);
        }
        parts.Add(part.ToString());
        return parts;
    }

    private T Read<T>(string path, T @default, Func<HoconValue, T> read)
    {
        var value = Find(path);
        if (value is null) return @default;
        try { return read(value); }
        catch (Exception e) when (e is FormatException or OverflowException or NotSupportedException)
        {
            throw new ConfigurationException($"{path} = {value}: {e.Message}", e);
        }
    }

    public virtual bool HasPath(string path) => Find(path) is not null;

    public HoconValue GetValue(string path) => Find(path);

    public virtual Config GetConfig(string path) => Find(path) is { } value ? new Config(value) : null;

    public virtual string GetString(string path, string @default = null) => Read(path, @default, v => v.GetString());

    public virtual bool GetBoolean(string path, bool @default = false) => Read(path, @default, v => v.GetBoolean());

    public virtual int GetInt(string path, int @default = 0) => Read(path, @default, v => v.GetInt());

    public virtual long GetLong(string path, long @default = 0) => Read(path, @default, v => v.GetLong());

    public virtual double GetDouble(string path, double @default = 0) => Read(path, @default, v => v.GetDouble());

    public virtual float GetFloat(string path, float @default = 0) => Read(path, @default, v => v.GetFloat());

    public virtual decimal GetDecimal(string path, decimal @default) => Read(path, @default, v => v.GetDecimal());

    public virtual long? GetByteSize(string path) => GetByteSize(path, null);

    public virtual long? GetByteSize(string path, long? def = null) => Read(path, def, v => v.GetByteSize());

    public virtual TimeSpan GetTimeSpan(string path, TimeSpan? @default = null, bool allowInfinite = true) =>
        Read(path, @default ?? TimeSpan.Zero, v => v.GetTimeSpan(allowInfinite));

    public virtual IList<string> GetStringList(string path) => Read(path, [], v => v.GetStringList());

    public virtual IList<string> GetStringList(string path, string[] defaultPaths) => Read(path, defaultPaths, v => v.GetStringList());

    public virtual IList<int> GetIntList(string path) => Read(path, [], v => v.GetIntList());

    public virtual IList<long> GetLongList(string path) => Read(path, [], v => v.GetLongList());

    public virtual IList<bool> GetBooleanList(string path) => Read(path, [], v => v.GetBooleanList());

    public virtual IList<double> GetDoubleList(string path) => Read(path, [], v => v.GetDoubleList());

    /// <summary>The top-level object's members, by their keys.</summary>
    public virtual IEnumerable<KeyValuePair<string, HoconValue>> AsEnumerable() => _root.GetObject()?.Items ?? [];

    public override string ToString() => _root.GetObject() is { } o ? o.ToString(0) : _root.ToString();

    public static implicit operator Config(string str) => ConfigurationFactory.ParseString(str);

    public static Config operator +(Config config, string fallback) => config.WithFallback(ConfigurationFactory.ParseString(fallback));

    public static Config operator +(string configHocon, Config fallbackConfig) => ConfigurationFactory.ParseString(configHocon).WithFallback(fallbackConfig);
}

/// <summary>Null-tolerant reading of configurations.</summary>
public static class ConfigExtensions
{
    public static bool IsNullOrEmpty(this Config config) => config is null || config.IsEmpty;

    public static Config SafeWithFallback(this Config config, Config fallback) =>
        config.IsNullOrEmpty() ? fallback : ReferenceEquals(config, fallback) ? config : config.WithFallback(fallback);
}

/// <summary>A configuration that cannot be read, or a setting that is missing or ill-typed.</summary>
public class ConfigurationException : Actor.AkkaException
{
    public ConfigurationException(string message) : base(message) { }

    public ConfigurationException(string message, Exception exception) : base(message, exception) { }

    public static ConfigurationException NullOrEmptyConfig<T>(string path = null) =>
        new($"Failed to instantiate {typeof(T).Name}: configuration {(path is null ? "" : $"'{path}' ")}is null or empty");
}

/// <summary>Makes configurations of resolved, plain HOCON text.</summary>
public class ConfigurationFactory
{
    private static readonly Lazy<Config> Reference = new(() => FromResource("Akka.Configuration.akka.conf", typeof(ConfigurationFactory).Assembly));

    public static Config Empty => Config.Empty;

    public static Config ParseString(string hocon) => string.IsNullOrWhiteSpace(hocon) ? Config.Empty : new Config(HoconParser.Parse(hocon));

    /// <summary>The defaults that every actor system falls back to.</summary>
    public static Config Default() => Reference.Value;

    /// <summary>No file is read here; the product hands its configuration over as text.</summary>
    public static Config Load() => Config.Empty;

    public static Config FromResource<TAssembly>(string resourceName) => FromResource(resourceName, typeof(TAssembly).Assembly);

    public static Config FromResource(string resourceName, object instanceInAssembly) => FromResource(resourceName, instanceInAssembly.GetType().Assembly);

    public static Config FromResource(string resourceName, System.Reflection.Assembly assembly)
    {
        using var stream = assembly.GetManifestResourceStream(resourceName) ?? throw new ConfigurationException($"no resource '{resourceName}' in {assembly.GetName().Name}");
        using var reader = new StreamReader(stream);
        return ParseString(reader.ReadToEnd());
    }
}
