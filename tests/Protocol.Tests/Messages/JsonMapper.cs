using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;

namespace Actors.Protocol.Tests.Messages;

/// <summary>Message objects from the JSON of Kafka's own converter, by reflection, and a text of an object that shows every value in it.</summary>
internal static class JsonMapper
{
    public static Type TypeOf(string message) =>
        typeof(RequestHeader).Assembly.GetType($"{typeof(RequestHeader).Namespace}.{message}") ?? throw new InvalidOperationException($"There is no class {message}.");

    /// <summary>An object with the values that the JSON has; the others keep their defaults.</summary>
    public static object? FromJson(Type type, JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null) return null;
        if (type == typeof(string)) return json.GetString();
        if (type == typeof(bool)) return json.GetBoolean();
        if (type == typeof(sbyte)) return json.GetSByte();
        if (type == typeof(short)) return json.GetInt16();
        if (type == typeof(ushort)) return json.GetUInt16();
        if (type == typeof(int)) return json.GetInt32();
        if (type == typeof(uint)) return json.GetUInt32();
        if (type == typeof(long)) return json.GetInt64();
        if (type == typeof(double)) return json.GetDouble();
        if (type == typeof(byte[])) return json.GetBytesFromBase64();
        if (type == typeof(RecordSet)) return RecordSet.Of(json.GetBytesFromBase64());
        if (type == typeof(Guid)) return new Guid(Convert.FromBase64String(json.GetString()!.Replace('-', '+').Replace('_', '/') + "=="), bigEndian: true);
        if (type.IsGenericType) return List(type, json);

        var message = Activator.CreateInstance(type)!;
        foreach (var property in json.EnumerateObject())
        {
            var target = Properties(type).SingleOrDefault(candidate => candidate.Name.Equals(property.Name, StringComparison.OrdinalIgnoreCase))
                ?? throw new InvalidOperationException($"{type.Name} has no {property.Name}.");
            target.SetValue(message, FromJson(target.PropertyType, property.Value));
        }

        return message;
    }

    public static string Text(object? value)
    {
        var text = new StringBuilder();
        Text(value, text);
        return text.ToString();
    }

    private static IEnumerable<PropertyInfo> Properties(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite);

    private static object List(Type type, JsonElement json)
    {
        var list = (IList)Activator.CreateInstance(type)!;
        foreach (var element in json.EnumerateArray()) list.Add(FromJson(type.GetGenericArguments()[0], element));
        return list;
    }

    private static void Text(object? value, StringBuilder text)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case byte[] bytes:
                text.Append(Convert.ToHexString(bytes));
                break;
            case RecordSet records:
                text.Append(Convert.ToHexString(records.ToArray()));
                break;
            case string or ValueType:
                text.Append('\'').Append(value).Append('\'');
                break;
            case IEnumerable list:
                text.Append('[');
                foreach (var element in list) Text(element, text);
                text.Append(']');
                break;
            default:
                text.Append('{');
                foreach (var property in Properties(value.GetType())) Text(property.GetValue(value), text.Append(property.Name).Append('='));
                text.Append('}');
                break;
        }
    }
}
