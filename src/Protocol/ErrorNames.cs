using System.Text;

namespace Actors.Protocol;

/// <summary>What Kafka calls its error codes.</summary>
public static class ErrorNames
{
    /// <summary>Kafka's name of the code, such as <c>NOT_LEADER_OR_FOLLOWER</c>.</summary>
    public static string WireName(this ErrorCode error)
    {
        var name = error.ToString();
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i])) text.Append('_');
            text.Append(char.ToUpperInvariant(name[i]));
        }
        return text.ToString();
    }
}
