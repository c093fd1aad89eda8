using System.Text;

namespace Actors.Expressions.Tests;

/// <summary>Runs an expression over one record given as JSON.</summary>
internal static class Evaluating
{
    public static RecordContext Record(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var record = new RecordContext { Key = Value.Of("k1"), Timestamp = 1700000000123, Partition = 3, Offset = 42, Now = 1800000000000 };
        Assert.True(record.TrySetJson(bytes, 0, bytes.Length), $"not JSON: {json}");
        return record;
    }

    public static string Json(string expression, string json) => JsonText.ToJson(Expression.Parse(expression).Compile()(Record(json)));
}
