using System.Diagnostics.CodeAnalysis;
using Actors.Hocon;

namespace Actors.Topology;

/// <summary>Topology files: one topology in HOCON. A file is taken whole, checked and planned, or refused with every error found.</summary>
public static class TopologyFile
{
    private static readonly HoconOptions WithoutIncludes = new() { Includes = HoconIncludes.Refused };

    /// <summary>Reads and plans a topology.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="fileName">What errors call the file.</param>
    /// <param name="plan">The plan, which holds the description.</param>
    /// <param name="errors">All errors in the order of the file; none when there is a plan.</param>
    /// <param name="refusesIncludes">Whether an include is an error, as in a text to be deployed; else it finds nothing.</param>
    public static bool TryRead(
        string text, string fileName, [NotNullWhen(true)] out TopologyPlan? plan, out IReadOnlyList<TopologyError> errors, bool refusesIncludes = false) =>
        TryRead(() => HoconDocument.Parse(text, fileName, refusesIncludes ? WithoutIncludes : null), out plan, out errors);

    /// <summary>Reads and plans a topology from a file of UTF-8 text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="plan">The plan, which holds the description.</param>
    /// <param name="errors">All errors in the order of the file; none when there is a plan.</param>
    /// <param name="refusesIncludes">Whether an include is an error, as in a file to be deployed; else it finds files, relative to this one.</param>
    public static bool TryLoad(string path, [NotNullWhen(true)] out TopologyPlan? plan, out IReadOnlyList<TopologyError> errors, bool refusesIncludes = false) =>
        TryRead(() => HoconFile.Load(path, refusesIncludes ? WithoutIncludes : null), out plan, out errors);

    private static bool TryRead(Func<HoconDocument> document, out TopologyPlan? plan, out IReadOnlyList<TopologyError> errors)
    {
        plan = null;
        var found = new HoconErrors();
        var origins = new Origins();
        TopologyDescription description;
        List<TopologyError> all;
        try
        {
            var root = new HoconSection(document().Resolve(), found);
            var reader = new TopologyReader(found, origins);
            description = reader.Read(root);
            all = [.. found.All.Select(TopologyError.Of), .. reader.ExpressionErrors];
        }
        catch (HoconException refused)
        {
            errors = [.. refused.Errors.Select(TopologyError.Of)];
            return false;
        }
        // What could not be read is missing from the description; the rest is still checked, so that all errors are told at once.
        var compiled = TopologyPlan.TryCompile(description, origins, complete: all.Count == 0, out plan, out var planErrors);
        all.AddRange(planErrors);
        errors = [.. all.Distinct().OrderBy(e => e.Line).ThenBy(e => e.Column)];
        if (compiled && errors.Count == 0) return true;
        plan = null;
        return false;
    }
}
