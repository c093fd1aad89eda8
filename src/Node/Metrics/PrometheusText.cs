using System.Globalization;
using System.Text;

namespace Actors.Node.Metrics;

/// <summary>Prometheus' text format, version 0.0.4.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder();
        foreach (var family in families)
        {
            text.Append("# HELP ").Append(family.Name).Append(' ').Append(family.Help).Append('\n');
            text.Append("# TYPE ").Append(family.Name).Append(' ').Append(family.Type.ToString().ToLowerInvariant()).Append('\n');
            foreach (var sample in family.Samples) Append(text, family.Name, sample);
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, string name, in Sample sample)
    {
        text.Append(name).Append(sample.Suffix);
        for (var i = 0; i < sample.Labels.Count; i++)
        {
            var (label, value) = sample.Labels[i];
            text.Append(i == 0 ? '{' : ',').Append(label).Append("=\"").Append(value.Replace("\\", @"\\").Replace("\"", "\\\"").Replace("\n", "\\n")).Append('"');
        }
        if (sample.Labels.Count > 0) text.Append('}');
        text.Append(' ').Append(sample.Value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
